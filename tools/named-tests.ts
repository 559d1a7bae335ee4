import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

// Tables in the docs that promise a test for every row: docs/fault-matrix.md, docs/vendors/unconfirmed-facts.md.

const root = join(import.meta.dirname, '..');

/** A file of the repository as text. Undefined where there is none. */
export function readFromRoot(file: string): string | undefined {
  const path = join(root, file);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

/** A test that a row of a table names. */
interface NamedTest {
  readonly row: string;
  readonly file: string;
  readonly title: string;
}

/** The rows of all tables of four columns, without their heads. */
export function rowsOf(markdown: string): string[][] {
  const lines = markdown.split('\n').filter((line) => line.startsWith('| ') && !/^\| (fault|fact) /.test(line));
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

/** What is wrong with the tests that rows name in their fourth column: none, or one that is not there. */
export function faultsOf(markdown: string, read: (file: string) => string | undefined): string[] {
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
