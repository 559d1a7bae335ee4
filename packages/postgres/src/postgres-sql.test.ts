import { expect, it } from 'vitest';
import { toPostgresText } from './postgres-sql.ts';

it.each([
  ['SELECT id FROM tasks WHERE id = ? AND state = ?', 'SELECT id FROM tasks WHERE id = $1 AND state = $2'],
  ['SELECT ?2, ?1, ?2', 'SELECT $2, $1, $2'],
  ['SELECT id FROM tasks INDEXED BY tasks_due WHERE id = ?', 'SELECT id FROM tasks WHERE id = $1'],
  ["SELECT '?', 'it''s ?', ? -- why?\n, ?", "SELECT '?', 'it''s ?', $1 -- why?\n, $2"],
  ['SELECT "INDEXED BY x", /* ? */ ?', 'SELECT "INDEXED BY x", /* ? */ $1'],
])('rewrites %s', (text, expected) => {
  expect(toPostgresText(text)).toBe(expected);
  expect(toPostgresText(text)).toBe(expected);
});
