import { describe, expect, it } from 'vitest';
import type { ColumnRules } from './column-rules.ts';
import type { ListRow } from './list-row.ts';
import { readCsv } from './read-csv.ts';

const rules: ColumnRules = { known: new Set(['user_id', 'email']), ignored: new Set(['note']) };

async function* inPieces(text: string, size: number): AsyncGenerator<string> {
  for (let start = 0; start < text.length; start += size) yield text.slice(start, start + size);
}

async function read(text: string, delimiter = ',', size = 1000): Promise<ListRow[]> {
  const rows: ListRow[] = [];
  for await (const piece of readCsv(inPieces(text, size), delimiter, rules)) rows.push(...piece);
  return rows;
}

const field = (name: string, value: string) => ({ name, value });

describe('readCsv', () => {
  it.each([1, 7, 1000])('names every cell by its column and every row by its line, in pieces of %i', async (size) => {
    const text = 'user_id,email,request_id\nu-1,ada@example.com,R1\n\n"u\n2","a ""b"", c",\n,bob@example.com,R3\n';
    expect(await read(text, ',', size)).toEqual([
      {
        line: 2,
        fields: [field('user_id', 'u-1'), field('email', 'ada@example.com'), field('request_id', 'R1')],
        issues: [],
      },
      { line: 4, fields: [field('user_id', 'u\n2'), field('email', 'a "b", c')], issues: [] },
      { line: 6, fields: [field('email', 'bob@example.com'), field('request_id', 'R3')], issues: [] },
    ]);
  });

  it('takes a repeated column as several identifiers, and leaves values as they are', async () => {
    const [row] = await read('user_id,user_id,email\n u-1 ,U-2,\n');
    expect(row?.fields).toEqual([field('user_id', ' u-1 '), field('user_id', 'U-2')]);
  });

  it('reads tabs and semicolons when told', async () => {
    expect((await read('user_id\temail\nu-1\ta@example.com\n', '\t'))[0]?.fields).toHaveLength(2);
    expect((await read('user_id;email\nu-1;a@example.com\n', ';'))[0]?.fields).toHaveLength(2);
  });

  it('reports ragged rows and goes on', async () => {
    const rows = await read('user_id,email\nu-1\nu-2,b@example.com\nu-3,c@example.com,x\n');
    expect(rows.map(({ line, issues }) => [line, issues.map(({ code, message }) => `${code}: ${message}`)])).toEqual([
      [2, ['row-length: has 1 cells, and the header has 2']],
      [3, []],
      [4, ['row-length: has 3 cells, and the header has 2']],
    ]);
  });

  it('yields the rows before a quote that is never closed, and names the line where it opens', async () => {
    const rows: ListRow[] = [];
    const reading = (async () => {
      for await (const piece of readCsv(inPieces('user_id\nu-1\n"u-2\nu-3\n', 1000), ',', rules)) rows.push(...piece);
    })();
    await expect(reading).rejects.toMatchObject({ message: expect.stringContaining('never closed'), line: 3 });
    expect(rows.map(({ line }) => line)).toEqual([2]);
  });

  it.each([
    ['user_id\n"u-1"x\n', 'after its closing quote', 2],
    ['user_id\nu"1\n', 'not quoted', 2],
    [`user_id\n"${'x'.repeat(1_100_000)}"\n`, 'longer than 1 MB', 2],
    ['', 'empty', undefined],
    ['\n\n', 'empty', undefined],
    ['user_id\n', 'nobody below', undefined],
    ['user_id,\nu-1,x\n', 'column 2 has no name', 1],
    ['request_id,user_id,request_id\nR1,u,R2\n', '"request_id" stands there twice', 1],
    ['note,request_id\nx,R1\n', 'names no identifier', 1],
    ['user_id;email\nu-1;a@example.com\n', 'separated otherwise', 1],
    ['user_id,e-mail\nu-1,a@example.com\n', '"e-mail"', 1],
  ])('stops at %j', async (text, words, line) => {
    await expect(read(text)).rejects.toMatchObject({ message: expect.stringContaining(words), line });
  });

  it.each([
    [';', 'user_id;email\nu-1;a@example.com\n'],
    ['\t', 'user_id\temail\nu\te\n'],
    ['|', 'user_id|email\nu|e\n'],
  ])('tells that %j seems to separate the cells', async (delimiter, text) => {
    await expect(read(text)).rejects.toMatchObject({ code: 'header-one-column', delimiter });
  });

  it('names unknown columns', async () => {
    await expect(read('user_id,crm_id,Email\n1,2,3\n')).rejects.toMatchObject({
      code: 'columns-unknown',
      columns: ['crm_id', 'Email'],
      message: 'no configured connector uses the columns "crm_id", "Email"',
    });
  });

  it('prints nobody when the header row is missing', async () => {
    const reading = read('u-77,ada@example.com\nu-78,bob@example.com\n');
    await expect(reading).rejects.toMatchObject({ message: expect.stringContaining('header row missing') });
    await expect(reading).rejects.not.toMatchObject({ message: expect.stringMatching(/u-77|ada/) });
  });
});
