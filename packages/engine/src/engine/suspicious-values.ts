import type { Identifier } from '@expunge/core';

/** Why a value is refused: nobody is known by it, or it is not what the vendor stores. */
export type WrongValue =
  | 'placeholder'
  | 'spreadsheet-error'
  | 'rounded-number'
  | 'formula'
  | 'invisible-character'
  | 'control-character'
  | 'mailto'
  | 'name-and-address'
  | 'several-addresses'
  | 'column-name';

/** Why a value is probably not what the vendor stores. It is sent as it is. */
export type SuspiciousValue =
  | 'white-space-around'
  | 'decimal-point'
  | 'apostrophe'
  | 'in-quotes'
  | 'in-braces'
  | 'equals-sign'
  | 'several-values'
  | 'look-alike-character'
  | 'total'
  | 'address-in-id'
  | 'no-address'
  | 'capitals-in-address';

/** What seems wrong with a value. */
export type ValueFault =
  | { readonly isCertain: true; readonly fault: WrongValue }
  | { readonly isCertain: false; readonly fault: SuspiciousValue };

/**
 * Values that somebody has looked at, and that are meant: `{ type: 'user_id', value: 'guest' }`. Without a value all of that
 * type are.
 */
export interface AllowedValue {
  /** The identifier type. */
  readonly type: string;
  /** The value, exactly. Left out: whatever the value is. */
  readonly value?: string | undefined;
}

/** What to say of a fault, after the identifier's type. Holds no value. */
export const valueFaultWords: Readonly<Record<WrongValue | SuspiciousValue, string>> = {
  placeholder: 'the value is a placeholder; deleting it would delete somebody else',
  'spreadsheet-error': 'the value is an error of a spreadsheet; deleting it would delete somebody else',
  'rounded-number': 'the value is a number that a spreadsheet has rounded; the digits are lost',
  formula: 'the value is a formula of a spreadsheet and not its result',
  'invisible-character': 'the value has an invisible character in it',
  'control-character': 'the value has a control character in it',
  mailto: 'the value is a link and not an address: it begins with mailto:',
  'name-and-address': 'the value is a name with an address behind it',
  'several-addresses': 'the value is more than one address',
  'column-name': "the value is the column's own name, as if the header row stood there again",
  'white-space-around': 'begins or ends with white space',
  'decimal-point': 'ends with .0, as if a spreadsheet had made a number of an id',
  apostrophe: 'begins with an apostrophe, as a spreadsheet marks texts',
  'in-quotes': 'stands in quotes',
  'in-braces': 'stands in braces',
  'equals-sign': 'begins with an equals sign',
  'several-values': 'looks like several values in one cell',
  'look-alike-character': 'has a letter, space or hyphen that only looks like the usual one',
  total: 'looks like the total below a table',
  'address-in-id': 'is an email address in a column of ids',
  'no-address': 'is no email address',
  'capitals-in-address': 'is an address with capital letters',
};

/** Everything that somebody has allowed, ready to be asked for each value. */
export function allowedValues(allowed: readonly AllowedValue[] = []): (identifier: Identifier) => boolean {
  if (allowed.length === 0) return () => false;
  const types = new Set(allowed.filter(({ value }) => value === undefined).map(({ type }) => type));
  const values = new Set(allowed.map(({ type, value }) => JSON.stringify([type, value])));
  return ({ type, value }) => types.has(type) || values.has(JSON.stringify([type, value]));
}

/**
 * What seems wrong with the value of an identifier: that it is nobody's for certain, or that it is probably not what the vendor stores.
 *
 * @param columnName - What the list calls the type, where it has a name of its own.
 */
export function valueFault(identifier: Identifier, columnName = identifier.type): ValueFault | undefined {
  const { type, value } = identifier;
  // Most values end here.
  if (type === 'email' ? plainAddress.test(value) : value.length > 16 && plainId.test(value)) return undefined;
  const wrong = wrongValue(value, [type, columnName]);
  if (wrong !== undefined) return { isCertain: true, fault: wrong };
  const suspicious = suspiciousValue(type, value);
  return suspicious === undefined ? undefined : { isCertain: false, fault: suspicious };
}

const plainAddress = /^[a-z0-9][a-z0-9._+-]*@[a-z0-9-]+(\.[a-z0-9-]+)+$/;
const plainId = /^(?=.*[1-9a-zA-Z])[\w-]+$/;

function wrongValue(value: string, names: readonly string[]): WrongValue | undefined {
  const plain = value.trim();
  if (spreadsheetErrors.test(plain)) return 'spreadsheet-error';
  if (isPlaceholder(value)) return 'placeholder';
  // A day, a version or a hexadecimal id has neither a decimal separator nor a sign before its exponent.
  if (/^[+-]?\d([.,]\d+E[+-]?|E\+)\d+$/i.test(plain)) return 'rounded-number';
  if (/^="[^"]*"$/.test(plain)) return 'formula';
  if (/\p{Cc}/u.test(plain)) return 'control-character';
  if (/[\p{Cf}\u2028\u2029\u3164\uFFA0]/u.test(value)) return 'invisible-character';
  if (/^mailto:/i.test(plain)) return 'mailto';
  if (/^[^<]*<[^<>\s]+@[^<>\s]+>$/.test(plain)) return 'name-and-address';
  if (/@[^;,|]*[;,|]\s*[^\s;,|]+@/.test(plain)) return 'several-addresses';
  const name = plain.toLowerCase();
  return names.some((each) => each.toLowerCase() === name) ? 'column-name' : undefined;
}

function suspiciousValue(type: string, value: string): SuspiciousValue | undefined {
  if (value !== value.trim()) return 'white-space-around';
  if (/^\d+[.,]0+$/.test(value)) return 'decimal-point';
  if (/^(["'`]).*\1$|^[“„«‘].*[”“»’]$/su.test(value)) return 'in-quotes';
  if (/^['’]/.test(value)) return 'apostrophe';
  if (/^\{.*\}$|^\[.*\]$/s.test(value)) return 'in-braces';
  if (value.startsWith('=')) return 'equals-sign';
  if (/[;|,]/.test(value)) return 'several-values';
  if (/[\p{Zs}\p{Pd}\uFF01-\uFF5E]/u.test(value.replace(/[ -]/g, ''))) return 'look-alike-character';
  if (/^(grand |sub)?total:?$|^(sum|summe|gesamt|insgesamt)$/i.test(value)) return 'total';
  if (type === 'email') {
    if (!/^[^@\s]+@[^@\s]+$/.test(value)) return 'no-address';
    return /\p{Lu}/u.test(value) ? 'capitals-in-address' : undefined;
  }
  return idTypes.test(type) && /^[^@\s]+@[^@\s]+\.[a-z]{2,}$/i.test(value) ? 'address-in-id' : undefined;
}

// An id of the company's own. What a type that it has named itself may hold, nobody else knows.
const idTypes = /^(user_?id|anonymous_?id|device_?id|distinct_?id|external_?id)$/i;

// Below a spreadsheet's errors stands every row for which it found nobody.
const spreadsheetErrors = /^#(n\/a|ref!|value!|name\?|null!|num!|div\/0!|spill!|calc!|getting_data)$/i;

// Values that programs write where they know nobody. A vendor may hold a record under such a "person": that of
// everybody who was not known either.
const placeholders = new Set([
  'null',
  'undefined',
  'none',
  'nil',
  'nan',
  'n/a',
  'na',
  '<na>',
  '\\n',
  'unknown',
  'anonymous',
  'guest',
  'default',
  'deleted',
  'test',
  'true',
  'false',
  'empty',
  'blank',
  '(blank)',
  '(empty)',
  'not set',
  '(not set)',
  '(none)',
  '(null)',
  '<null>',
  '[null]',
  '[object object]',
  '0',
  '-1',
  '00000000-0000-0000-0000-000000000000',
]);

/**
 * Whether a value stands for "nobody known" rather than for a person: deleting `undefined` deletes somebody else.
 * Compared without case and surrounding white space; also any run of zeros, dashes or question marks.
 */
export function isPlaceholder(value: string): boolean {
  const plain = value.trim().toLowerCase();
  return (
    plain === '' || placeholders.has(plain) || /^[0\-_.?*#]+$/.test(plain) || /^\{\{.*\}\}$|^\$\{.*\}$/.test(plain)
  );
}
