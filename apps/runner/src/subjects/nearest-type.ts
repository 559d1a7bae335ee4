/** The type that somebody probably meant: the same but for case, `_`, `-` and `.`, or one slip of the keyboard away. */
export function nearestType(given: string, types: Iterable<string>): string | undefined {
  const all = [...types];
  return (
    all.find((type) => plain(type) === plain(given)) ?? all.find((type) => isOneSlipApart(plain(type), plain(given)))
  );
}

function plain(type: string): string {
  return type.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** One letter more, one less, another one, or two that changed places. */
function isOneSlipApart(one: string, other: string): boolean {
  if (Math.abs(one.length - other.length) > 1) return false;
  let start = 0;
  while (start < one.length && one[start] === other[start]) start += 1;
  const [rest, otherRest] = [one.slice(start), other.slice(start)];
  const isSwapped = rest[0] === otherRest[1] && rest[1] === otherRest[0] && rest.slice(2) === otherRest.slice(2);
  return (
    isSwapped || rest.slice(1) === otherRest.slice(1) || rest.slice(1) === otherRest || rest === otherRest.slice(1)
  );
}
