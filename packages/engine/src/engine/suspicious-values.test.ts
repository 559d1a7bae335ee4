import { expect, it } from 'vitest';
import { allowedValues, isPlaceholder, valueFault } from './suspicious-values.ts';

it.each([
  '',
  '  ',
  'null',
  'NULL',
  ' Undefined ',
  'anonymous',
  '00000000-0000-0000-0000-000000000000',
  '0',
  '000',
  '---',
  '???',
  '[object Object]',
  '{{user_id}}',
  ['$', '{user.id}'].join(''),
  'n/a',
  '-1',
  '\\N',
  '(blank)',
  '<NA>',
])('takes %j for nobody', (value) => {
  expect(isPlaceholder(value)).toBe(true);
});

it.each(['ada', '1', '10', 'nullable', 'anonymous-42', 'a0', '00000000-0000-0000-0000-000000000001', 'O0'])(
  'takes %j for a person',
  (value) => {
    expect(isPlaceholder(value)).toBe(false);
  },
);

const faultOf = (type: string, value: string) => valueFault({ type, value })?.fault;

it.each([
  ['user_id', '#N/A', 'spreadsheet-error'],
  ['user_id', '#REF!', 'spreadsheet-error'],
  ['user_id', '#VALUE!', 'spreadsheet-error'],
  ['user_id', '#NAME?', 'spreadsheet-error'],
  ['user_id', '#NULL!', 'spreadsheet-error'],
  ['user_id', '########', 'placeholder'],
  ['user_id', '1.23457E+15', 'rounded-number'],
  ['user_id', '1,23457E+15', 'rounded-number'],
  ['phone', '4.9151E11', 'rounded-number'],
  ['user_id', '1E+15', 'rounded-number'],
  ['user_id', '="0012345"', 'formula'],
  ['user_id', 'ada\u200B-1', 'invisible-character'],
  ['user_id', '\uFEFFada-1', 'invisible-character'],
  ['email', 'ada@example.com\u200E', 'invisible-character'],
  ['user_id', 'ada\u202C', 'invisible-character'],
  ['user_id', 'ada\u0007-1', 'control-character'],
  ['user_id', 'ada\t1', 'control-character'],
  ['email', 'mailto:ada@example.com', 'mailto'],
  ['email', 'Ada Byron <ada@example.com>', 'name-and-address'],
  ['email', 'ada@example.com;grace@example.com', 'several-addresses'],
  ['email', 'ada@example.com, grace@example.com', 'several-addresses'],
  ['user_id', 'user_id', 'column-name'],
  ['email', 'EMAIL', 'column-name'],
])('refuses of %s the value %j: %s', (type, value, fault) => {
  expect(valueFault({ type, value })).toEqual({ isCertain: true, fault });
});

it.each([
  ['user_id', 'ada ', 'white-space-around'],
  ['user_id', 'ada\u00A0', 'white-space-around'],
  ['user_id', '47110.0', 'decimal-point'],
  ['user_id', "'0012345", 'apostrophe'],
  ['user_id', '"ada"', 'in-quotes'],
  ['user_id', "'ada'", 'in-quotes'],
  ['user_id', '{0F8FAD5B-D9CB-469F-A165-70867728950E}', 'in-braces'],
  ['user_id', '=A1', 'equals-sign'],
  ['user_id', 'm-5;m-6', 'several-values'],
  ['user_id', 'ada\u20111', 'look-alike-character'],
  ['email', 'ada\uFF20example.com', 'look-alike-character'],
  ['user_id', 'Total', 'total'],
  ['user_id', 'ada@example.com', 'address-in-id'],
  ['email', 'not an address', 'no-address'],
  ['email', 'ada-1', 'no-address'],
  ['email', 'Ada@Example.com', 'capitals-in-address'],
])('suspects of %s the value %j: %s', (type, value, fault) => {
  expect(valueFault({ type, value })).toEqual({ isCertain: false, fault });
});

it.each([
  ['user_id', 'ada-4711'],
  ['user_id', '0012345'],
  ['user_id', '1e5'],
  ['user_id', '12e4567'],
  ['user_id', '0f8fad5b-d9cb-469f-a165-70867728950e'],
  ['user_id', '507f1f77bcf86cd799439011'],
  ['user_id', 'Ada Byron'],
  ['user_id', 'Ægir-7'],
  ['user_id', 'a.b_c~d+e/f=='],
  ['user_id', '3.7.1'],
  ['crm_id', 'ada@example.com'],
  ['email', 'ada+news@example.com'],
  ['email', "o'hara@example.com"],
  ['phone', '+999123456789'],
  ['phone', '+999 123 456-789'],
])('has nothing against %s %j', (type, value) => {
  expect(faultOf(type, value)).toBeUndefined();
});

it('knows the name that a list has for a type', () => {
  expect(valueFault({ type: 'email', value: 'Email Address' }, 'Email Address')).toMatchObject({
    fault: 'column-name',
  });
});

it('allows a value of a type, or all of them', () => {
  const isAllowed = allowedValues([{ type: 'user_id', value: 'guest' }, { type: 'crm_id' }]);
  expect(isAllowed({ type: 'user_id', value: 'guest' })).toBe(true);
  expect(isAllowed({ type: 'user_id', value: 'Guest' })).toBe(false);
  expect(isAllowed({ type: 'email', value: 'guest' })).toBe(false);
  expect(isAllowed({ type: 'crm_id', value: 'anything' })).toBe(true);
  expect(allowedValues()({ type: 'user_id', value: 'guest' })).toBe(false);
});
