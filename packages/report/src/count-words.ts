/** A whole count for people: `1,000`. */
export function countWords(count: number): string {
  // toLocaleString would load the tables of every language first, which takes longer than reading a ledger.
  return String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
}

/** A count with its noun: `1 request`, `2,000 requests`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${countWords(count)} ${count === 1 ? one : many}`;
}
