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
  'unknown',
  'anonymous',
  'guest',
  'default',
  'deleted',
  'test',
  'true',
  'false',
  'empty',
  'not set',
  '(not set)',
  '(none)',
  '(null)',
  '<null>',
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
