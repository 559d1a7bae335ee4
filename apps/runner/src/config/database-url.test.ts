import { expect, it } from 'vitest';
import { resolveDatabaseUrl } from './database-url.ts';

const read = (value: string | undefined) =>
  resolveDatabaseUrl({ env: 'DATABASE_URL' }, { environment: { DATABASE_URL: value }, folder: '/' });

it.each([
  ['postgres://expunge:test-pass@db.example.com:5432/expunge?sslmode=verify-full', 'test-pass'],
  ['postgresql://expunge:te%40st@db/expunge\n', 'te@st'],
  ['postgres:///expunge?host=/var/run/postgresql', ''],
])('takes %j, and says what of it is secret', (text, password) => {
  const url = text.trim();
  expect(read(text)).toEqual({ value: { url, secrets: expect.arrayContaining([url, password]) } });
});

it.each([
  [undefined, 'DATABASE_URL is not set'],
  ['db.test-secret.example.com', 'holds no PostgreSQL address'],
  ['mysql://u:test-secret@db/x', 'holds no PostgreSQL address'],
  ['postgres://u:test-secret%@db/x', 'begins no escape'],
])('refuses %j without quoting it', (text, message) => {
  const refused = read(text);
  expect(refused).toEqual({ issue: expect.stringContaining(message) });
  expect(JSON.stringify(refused)).not.toContain('test-secret');
});
