import { describe, expect, it } from 'vitest';
import { faultsOf, readFromRoot, rowsOf } from './named-tests.ts';

// docs/fault-matrix.md promises a test for every row. A promise that nobody checks is worth nothing.

describe('docs/fault-matrix.md', () => {
  const matrix = readFromRoot('docs/fault-matrix.md') ?? '';

  it('names only tests that are there, and one for every row', () => {
    expect(faultsOf(matrix, readFromRoot)).toEqual([]);
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
