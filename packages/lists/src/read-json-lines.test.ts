import { describe, expect, it } from 'vitest';
import type { ColumnRules } from './column-rules.ts';
import type { ListRow } from './list-row.ts';
import { readJsonLines } from './read-json-lines.ts';

const rules: ColumnRules = { known: new Set(['user_id', 'email']), ignored: new Set(['note']) };

async function read(text: string, size = 1000): Promise<ListRow[]> {
  async function* pieces(): AsyncGenerator<string> {
    for (let start = 0; start < text.length; start += size) yield text.slice(start, start + size);
  }
  const rows: ListRow[] = [];
  for await (const piece of readJsonLines(pieces(), rules)) rows.push(...piece);
  return rows;
}

describe('readJsonLines', () => {
  it.each([1, 10, 1000])('reads one person per line, in pieces of %i', async (size) => {
    const text =
      '{"user_id":"u-1","email":["a@example.com","b@example.com"],"note":{"x":1}}\n\n{"user_id":null,"email":"c@example.com"}';
    expect(await read(text, size)).toEqual([
      {
        line: 1,
        fields: [
          { name: 'user_id', value: 'u-1' },
          { name: 'email', value: 'a@example.com' },
          { name: 'email', value: 'b@example.com' },
        ],
        issues: [],
      },
      { line: 3, fields: [{ name: 'email', value: 'c@example.com' }], issues: [] },
    ]);
  });

  it('keeps every digit of a number, and refuses numbers that are no plain digits', async () => {
    const [long, fraction] = await read('{"user_id":12345678901234567890}\n{"user_id":1.5}');
    expect(long?.fields).toEqual([{ name: 'user_id', value: '12345678901234567890' }]);
    expect(fraction?.issues).toMatchObject([{ message: 'user_id: must be text, a whole number, or a list of these' }]);
  });

  it.each([
    ['{"user_id":"u-1"', 'is not valid JSON'],
    ['"u-1"', 'is no JSON object'],
    ['{"user_id":{"id":"u-1"}}', 'user_id: must be text, a whole number, or a list of these'],
    [
      '{"email":"a@example.com","email":"b@example.com"}',
      'email: this key stands more than once on the line. Write it once, several values as a list',
    ],
    ['{"user_id":true}', 'user_id: must be text, a whole number, or a list of these'],
  ])('reports %s, without its value', async (line, issue) => {
    expect(await read(line)).toMatchObject([{ line: 1, fields: [], issues: [{ message: issue }] }]);
  });

  it('refuses an array, and says how the list has to look', async () => {
    await expect(read('[{"user_id":"u-1"}]')).rejects.toMatchObject({
      code: 'json-array',
      line: 1,
      message: expect.stringContaining('one object per line'),
    });
  });

  it('names a key that no connector uses', async () => {
    const [row] = await read('{"user_id":"u-1","usr":"u-2"}');
    expect(row?.issues).toEqual([
      { code: 'column-unknown', message: 'no configured connector uses "usr"', column: 'usr' },
    ]);
  });

  it('does not mind a key twice that is not read', async () => {
    const [row] = await read('{"user_id":"u-1","note":1,"note":2}');
    expect(row).toEqual({ line: 1, fields: [{ name: 'user_id', value: 'u-1' }], issues: [] });
  });

  it('stops at an empty input and at an endless line', async () => {
    await expect(read('\n')).rejects.toMatchObject({ message: expect.stringContaining('empty') });
    await expect(read(`{}\n"${'x'.repeat(2_000_000)}`, 100_000)).rejects.toMatchObject({ line: 2 });
  });
});
