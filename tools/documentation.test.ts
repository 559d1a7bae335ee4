import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findBrokenLinks } from './find-broken-links.ts';
import { readFiles } from './read-workspace.ts';

const root = join(import.meta.dirname, '..');
const pages = [...readFiles(root).keys()].filter(
  (path) => path.endsWith('.md') && !path.startsWith('site/') && !path.includes('/template/'),
);

it.each(pages)('%s links to what is there', (page) => {
  expect(findBrokenLinks(join(root, page))).toEqual([]);
});

describe('findBrokenLinks', () => {
  it('sees a link to a missing file and to a missing heading, and nothing else', () => {
    const folder = mkdtempSync(join(tmpdir(), 'expunge-links-'));
    const page = join(folder, 'page.md');
    writeFileSync(
      page,
      '# A heading: of two\n[a](page.md) [b](#a-heading-of-two) [c](https://example.com) [d](gone.md) [e](page.md#gone)\n',
    );
    expect(findBrokenLinks(page)).toEqual(['gone.md', 'page.md#gone']);
    rmSync(folder, { recursive: true });
  });
});

/** The words that the tables of a glossary define, in their order: those of its first column in bold or as code. */
function definedWords(glossary: string): string[] {
  const [definitions = ''] = glossary.split('\n## Not used\n');
  const cells = [...definitions.matchAll(/^\| ([^|]+) \|/gm)].map(([, cell = '']) => cell);
  return cells.flatMap((cell) =>
    [...cell.matchAll(/\*\*([^*]+)\*\*|`([^`]+)`/g)].map(([, bold, code]) => bold ?? code ?? ''),
  );
}

describe('the glossary', () => {
  const twice = (words: readonly string[]) => words.filter((word, index) => words.indexOf(word) !== index);

  it('defines each word once', () => {
    const words = definedWords(readFileSync(join(root, 'docs/glossary.md'), 'utf8'));
    expect(words.length).toBeGreaterThan(50);
    expect(twice(words)).toEqual([]);
  });

  it('would be found to define a word twice', () => {
    const rows =
      '| word | meaning |\n|---|---|\n| **home** | a file |\n| **away**, **home** | a place |\n| `home` | it |\n';
    expect(twice(definedWords(rows))).toEqual(['home', 'home']);
    expect(twice(definedWords(`${rows.slice(0, 50)}\n## Not used\n\n| **home** | x |\n`))).toEqual([]);
  });
});
