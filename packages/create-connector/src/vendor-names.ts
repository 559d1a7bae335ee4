/** A vendor's name in every form that a connector needs. */
export interface VendorNames {
  /** `customer-io`: in names of files and packages, and as `vendor`. */
  readonly kebab: string;
  /** `customerIo`: at the beginning of a name in code. */
  readonly camel: string;
  /** `CustomerIo`: inside of a name in code. */
  readonly pascal: string;
  /** `CUSTOMER_IO`: in names of environment variables. */
  readonly constant: string;
  /** `Customer.io`: in prose. */
  readonly title: string;
}

/** What was asked for can't be made. The message says why, and what to do. */
export class CreateError extends Error {
  override readonly name = 'CreateError';
}

/**
 * Derives all forms of a vendor's name.
 *
 * @param vendor - In kebab-case.
 * @param title - As the vendor writes it. Default: the words of `vendor`, capitalised.
 * @throws CreateError for a name that can't be part of a package's name, or a title that can't stand in code.
 */
export function vendorNamesOf(vendor: string, title?: string): VendorNames {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(vendor) || vendor.length > 40) {
    throw new CreateError(
      `'${vendor}' is no name for a vendor here. Write it in small letters, digits and single dashes, beginning with a ` +
        "letter, at most 40 characters: 'customer-io'. How the vendor writes itself goes into --title.",
    );
  }
  if (vendor.startsWith('connector-') || vendor.startsWith('expunge-')) {
    throw new CreateError(`Name the vendor only: '${vendor.replace(/^(expunge-)?(connector-)?/, '')}'.`);
  }
  if (title !== undefined && !/^[\p{L}\p{N}][\p{L}\p{N} .&+-]{0,39}$/u.test(title)) {
    throw new CreateError(
      'A title is at most 40 letters, digits, spaces and . & + -, so that it can stand in code: "Customer.io".',
    );
  }
  const words = vendor.split('-');
  const capitalised = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  const pascal = capitalised.join('');
  return {
    kebab: vendor,
    camel: pascal.charAt(0).toLowerCase() + pascal.slice(1),
    pascal,
    constant: words.join('_').toUpperCase(),
    title: title ?? capitalised.join(' '),
  };
}
