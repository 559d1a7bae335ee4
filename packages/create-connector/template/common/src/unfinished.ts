/**
 * Stands where you have something to write. Nothing runs on past it, so that nothing unwritten can pass for a deletion.
 *
 * @param what - What to write there.
 * @param _ingredients - What you will probably need for it; unused until then.
 */
export function unfinished(what: string, ..._ingredients: unknown[]): never {
  throw new Error(`Unfinished: ${what}`);
}
