import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isXmlText, readXml, writeXml } from './altcraft-xml.ts';

const xmlText = fc.string({ unit: 'binary' }).filter(isXmlText);

describe('writeXml', () => {
  it('writes the vendor’s documented form', () => {
    expect(writeXml({ token: 't0k3n', db_id: 7, matching: 'profile_id', profile_id: '65a1b2c3d4e5f60718293a4b' })).toBe(
      '<?xml version="1.0" encoding="UTF-8"?><xml><token>t0k3n</token><db_id>7</db_id><matching>profile_id</matching>' +
        '<profile_id>65a1b2c3d4e5f60718293a4b</profile_id></xml>',
    );
  });

  it('keeps a value from becoming markup', () => {
    const written = writeXml({ email: '</email><matching>phone</matching>&amp;\r' });
    expect(written).toContain(
      '<email>&#60;/email&#62;&#60;matching&#62;phone&#60;/matching&#62;&#38;amp;&#13;</email>',
    );
    expect(readXml(writeXml({ email: 'a<b>&#38;c]]>' }))).toEqual({ email: 'a<b>&#38;c]]>' });
  });

  it('is read back as it was written, with the white space around a value', () => {
    fc.assert(
      fc.property(xmlText, (value) => {
        expect(readXml(writeXml({ field_value: value }))).toEqual({ field_value: value });
      }),
    );
  });
});

describe('isXmlText', () => {
  it('knows what XML can’t carry', () => {
    expect(isXmlText('Zoë 😀\t\n')).toBe(true);
    expect(isXmlText('')).toBe(true);
    for (const text of ['\u0000', 'a\u0007', '\ud800', '\udc00a', '\uffff']) expect(isXmlText(text)).toBe(false);
  });
});

describe('readXml', () => {
  it('leaves every value as text', () => {
    const text = '<xml><data><profile_id>0012e5</profile_id><n>007</n><b>true</b></data><error>0</error></xml>';
    expect(readXml(text)).toEqual({ data: { profile_id: '0012e5', n: '007', b: 'true' }, error: '0' });
  });

  it('reads named and numbered characters once, and leaves unknown ones alone', () => {
    expect(readXml('<xml><a>&amp;lt; &lt;&gt;&quot;&apos; &#39;&#x41;&#x1F600; &nbsp; &#1114112;</a></xml>')).toEqual({
      a: "&lt; <>\"' 'A😀 &nbsp; &#1114112;",
    });
  });

  it('reads a declaration, repeated elements and CDATA', () => {
    const text = '<?xml version="1.0"?>\n<xml>\n<p>+1</p><p>+2</p><c><![CDATA[0 & <b>]]></c>\n</xml>\n';
    expect(readXml(text)).toEqual({ p: ['+1', '+2'], c: '0 & <b>' });
  });

  it.each([
    ['half an answer', '<xml><data><profile_id>00</profile_id></data><error>0</error><error_te'],
    ['an answer without its end', '<xml><data><profile_id>00</profile_id></data><error>0</error>'],
    ['a web page', '<html><body>Sign in</body></html>'],
    ['a web page that ends like an answer', '<html></html></xml>'],
    ['a document with entities of its own', '<!DOCTYPE xml [<!ENTITY a "0">]><xml><error>&a;</error></xml>'],
    ['a name that reaches for the prototype', '<xml><__proto__><error>0</error></__proto__></xml>'],
    ['nothing', ''],
  ])('takes %s for no answer', (_what, text) => {
    expect(readXml(text)).toBeUndefined();
  });

  it.each([
    ['empty elements', '<a/>'],
    ['pairs', '<a>b</a>'],
    ['texts between elements', 'a<b/>'],
    ['instructions', '<?a?>'],
    ['comments', '<!---->'],
    ['openings without an end', '<a>'],
  ])('reads none of 8 MiB of %s', (_what, piece) => {
    const text = `<xml>${piece.repeat((8 * 1024 * 1024) / piece.length)}</xml>`;
    const before = process.cpuUsage();
    expect(readXml(text)).toBeUndefined();
    // CPU time of this process, and not a clock: the parser would take 5 to 25 seconds.
    expect(process.cpuUsage(before).user / 1e6).toBeLessThan(2);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string(), (inside) => {
        readXml(`<xml>${inside}</xml>`);
      }),
    );
  });
});
