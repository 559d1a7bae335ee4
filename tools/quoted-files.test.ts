import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { quotingPages, refreshQuotes, unquotedBlocks } from './quoted-files.ts';

const root = join(import.meta.dirname, '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

describe.each(quotingPages)('%s', (path) => {
  it('shows the files as they are (otherwise: node tools/quoted-files.ts)', () => {
    expect(refreshQuotes(read(path), read)).toBe(read(path));
  });

  it('has no TypeScript that is no file', () => {
    expect(unquotedBlocks(read(path))).toEqual([]);
  });
});

describe('refreshQuotes', () => {
  const file = 'a();\n// #region middle\n  b();\n    c();\n// #endregion\nd();\n';
  const quote = (block: string) => refreshQuotes(block, () => file);

  it('sees a block that differs from its file', () => {
    expect(quote('```ts file=a.ts\nold();\n```\n')).toBe('```ts file=a.ts\na();\n  b();\n    c();\nd();\n```\n');
  });

  it('shows a region, as far to the left as it goes', () => {
    expect(quote('```ts file=a.ts#middle\n```\n')).toBe('```ts file=a.ts#middle\nb();\n  c();\n```\n');
  });

  it('leaves other blocks alone, and knows those that should quote', () => {
    const page = '```ts\nfree();\n```\n\n```sh\nls\n```\n';
    expect(quote(page)).toBe(page);
    expect(unquotedBlocks(page)).toEqual([1]);
  });

  it('says that there is no such region', () => {
    expect(() => quote('```ts file=a.ts#end\n```\n')).toThrow('a.ts has no region "end".');
  });
});
