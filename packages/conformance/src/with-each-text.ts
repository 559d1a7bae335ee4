/**
 * An answer once for each of its texts, with only that one changed, and once with a message of its own beside the others. A body
 * that is a text counts as one text.
 */
export function withEachText(body: unknown, change: (text: string) => string): unknown[] {
  if (typeof body === 'string') return [change(body)];
  if (typeof body !== 'object' || body === null) return [];
  const changed = changedTexts(body, change);
  return Array.isArray(body) ? changed : [...changed, { ...body, message: change('It failed.') }];
}

function changedTexts(value: unknown, change: (text: string) => string): unknown[] {
  if (typeof value === 'string') return [change(value)];
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => changedTexts(item, change).map((each) => value.with(index, each)));
  }
  return Object.entries(value).flatMap(([key, inner]) =>
    changedTexts(inner, change).map((each) => ({ ...value, [key]: each })),
  );
}
