import { describe, expect, it } from 'vitest';
import { inNameOf } from './render-template.ts';
import { CreateError, vendorNamesOf } from './vendor-names.ts';

describe('vendorNamesOf', () => {
  it('has a form for every place', () => {
    expect(vendorNamesOf('customer-io', 'Customer.io')).toEqual({
      kebab: 'customer-io',
      camel: 'customerIo',
      pascal: 'CustomerIo',
      constant: 'CUSTOMER_IO',
      title: 'Customer.io',
    });
    expect(vendorNamesOf('big-2-send').title).toBe('Big 2 Send');
  });

  it.each(['', 'Braze', 'braze_eu', '-braze', 'braze-', 'a--b', '2send', '../braze', 'bra ze', 'a'.repeat(41)])(
    'refuses the name "%s"',
    (name) => {
      expect(() => vendorNamesOf(name)).toThrow(CreateError);
    },
  );

  it('wants the name of the vendor only', () => {
    expect(() => vendorNamesOf('expunge-connector-braze')).toThrow("Name the vendor only: 'braze'.");
  });

  it.each(["O'Reilly", '`rm`', 'a\nb', '$(x)', ' Braze', '<b>', 'a'.repeat(41)])('refuses the title "%s"', (title) => {
    expect(() => vendorNamesOf('braze', title)).toThrow(/so that it can stand in code/);
  });
});

describe('inNameOf', () => {
  it('puts each form where it belongs', () => {
    const text =
      "createAcmeConnector(acmeOptions); // Acme’s 'acme' in acme-api.ts, ACME_API_KEY, startAcmeSandbox: AcmeOptions";
    expect(inNameOf(vendorNamesOf('customer-io', 'Customer.io'), text)).toBe(
      "createCustomerIoConnector(customerIoOptions); // Customer.io’s 'customer-io' in customer-io-api.ts, " +
        'CUSTOMER_IO_API_KEY, startCustomerIoSandbox: CustomerIoOptions',
    );
  });

  it('leaves alone what it has put in, also where the vendor is called Acme', () => {
    const text = 'createAcmeConnector(acmeOptions); // Acme in acme-api.ts: type AcmeOptions, ACME_API_KEY';
    expect(inNameOf(vendorNamesOf('acme-mail'), text)).toBe(
      'createAcmeMailConnector(acmeMailOptions); // Acme Mail in acme-mail-api.ts: type AcmeMailOptions, ACME_MAIL_API_KEY',
    );
    expect(inNameOf(vendorNamesOf('macme'), text)).toBe(
      'createMacmeConnector(macmeOptions); // Macme in macme-api.ts: type MacmeOptions, MACME_API_KEY',
    );
  });
});
