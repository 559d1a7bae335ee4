/**
 * A text as a database gives it back. Half of a surrogate pair can't be written as UTF-8, and PostgreSQL has no zero byte. Both are
 * refused where they come in, but older ledgers have them.
 */
export function asStored(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\u2400');
}

/** Whether two texts are the same once a database has stored them. */
export function isStoredAlike(text: string, other: string): boolean {
  return text === other || asStored(text) === asStored(other);
}
