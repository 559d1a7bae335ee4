// What decides where a string of valid JSON begins and ends, and where a key does. An escape is one piece, so that its
// quote ends nothing.
const token = /\\.|["{}[\]:]/g;

/**
 * The keys that a JSON object has more than once, at its outermost level. `JSON.parse` keeps the last value of such a
 * key and says nothing.
 *
 * @param json - The text of an object that `JSON.parse` takes.
 */
export function findRepeatedKeys(json: string): ReadonlySet<string> {
  const seen = new Set<string>();
  const repeated = new Set<string>();
  let depth = 0;
  let isInString = false;
  let start = 0;
  let lastString = '';
  for (const { 0: piece, index } of json.matchAll(token)) {
    if (isInString) {
      if (piece !== '"') continue;
      isInString = false;
      lastString = json.slice(start, index + 1);
    } else if (piece === '"') {
      isInString = true;
      start = index;
    } else if (piece === '{' || piece === '[') {
      depth += 1;
    } else if (piece === '}' || piece === ']') {
      depth -= 1;
    } else if (depth === 1) {
      // After a colon. The same key may be written with escapes.
      const key: string = JSON.parse(lastString);
      if (seen.has(key)) repeated.add(key);
      seen.add(key);
    }
  }
  return repeated;
}
