import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

// docs/fault-matrix.md promises a test for every row. A promise that nobody checks is worth nothing.

const root = join(import.meta.dirname, '..');

/** A test that a row of the matrix names. */
interface NamedTest {
  readonly row: string;
  readonly file: string;
  readonly title: string;
}

/** The rows of all tables, without their heads. */
function rowsOf(markdown: string): string[][] {
  const lines = markdown.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| fault '));
  return lines.map((line) => line.slice(2, -2).split(' | '));
}

/** The tests of one row: `file`: "title", as often as they stand there. */
function testsOf(cells: readonly string[]): NamedTest[] {
  const [row = '', , , shownBy = ''] = cells;
  return [...shownBy.matchAll(/`([^`]+)`: "((?:\\.|[^"\\])*)"/g)].map(([, file = '', title = '']) => ({
    row,
    file,
    title: title.replaceAll('\\"', '"'),
  }));
}

/** The titles in a test file: of tests, of groups, and of the cases in a table of tests. */
function titlesOf(source: string): ReadonlySet<string> {
  const titles = [...source.matchAll(/[([]\s*(['"`])((?:\\.|(?!\1)[^\\\n])*)\1\s*,/g)].map(([, , title = '']) => title);
  return new Set(titles.map((title) => title.replaceAll(/\\(['"`])/g, '$1')));
}

function faultsOf(markdown: string, read: (file: string) => string | undefined): string[] {
  return rowsOf(markdown).flatMap((cells) => {
    const [row = ''] = cells;
    if (cells.length !== 4) return [`${row}: has ${cells.length} cells instead of 4.`];
    const tests = testsOf(cells);
    if (tests.length === 0) return [`${row}: names no test.`];
    return tests.flatMap(({ file, title }) => {
      const source = read(file);
      if (source === undefined) return [`${row}: there is no ${file}.`];
      return titlesOf(source).has(title) ? [] : [`${row}: ${file} has no test "${title}".`];
    });
  });
}

describe('docs/fault-matrix.md', () => {
  const matrix = readFileSync(join(root, 'docs/fault-matrix.md'), 'utf8');

  it('names only tests that are there, and one for every row', () => {
    const read = (file: string) => (existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : undefined);
    expect(faultsOf(matrix, read)).toEqual([]);
  });

  it('has faults of vendors, of our own, of a fleet and of what we are given', () => {
    expect(matrix.match(/^## /gm)).toHaveLength(4);
    expect(rowsOf(matrix).length).toBeGreaterThan(40);
  });
});

describe('the check', () => {
  const read = (file: string) =>
    file === 'a.test.ts' ? "it('keeps \"this\"', () => {});\nit.each([['case', 1]])('%s', f);" : undefined;
  const row = (shownBy: string) => `| fault | what |\n|---|---|\n| A fire | puts it out | smoke | ${shownBy} |`;

  it.each([
    ['`a.test.ts`: "keeps \\"this\\""; `a.test.ts`: "case"', []],
    ['`a.test.ts`: "keeps"', ['A fire: a.test.ts has no test "keeps".']],
    ['`b.test.ts`: "keeps"', ['A fire: there is no b.test.ts.']],
    ['we are sure', ['A fire: names no test.']],
  ])('of %s finds %j', (shownBy, faults) => {
    expect(faultsOf(row(shownBy), read)).toEqual(faults);
  });
});
