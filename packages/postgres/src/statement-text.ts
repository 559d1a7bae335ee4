const rewritten = new Map<string, string>();

// What a question mark or a hint may stand in without being one: a text, a quoted name, a comment.
const quoted = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\//.source;
const piece = new RegExp(`(${quoted})|\\?(\\d+)?|\\s+INDEXED BY \\w+`, 'g');

/**
 * A query of the ledger as PostgreSQL reads it: `?` and `?1` are `$1`, and SQLite's hint `INDEXED BY` is
 * gone. Each text is rewritten once.
 */
export function toPostgresText(text: string): string {
  const known = rewritten.get(text);
  if (known !== undefined) return known;
  let next = 0;
  const result = text.replace(piece, (found, untouched?: string, number?: string) => {
    if (untouched !== undefined) return untouched;
    if (!found.startsWith('?')) return '';
    next += 1;
    return `$${number ?? next}`;
  });
  rewritten.set(text, result);
  return result;
}
