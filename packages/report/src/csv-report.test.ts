import { describe, expect, it } from 'vitest';
import { csvLine } from './csv-report.ts';

describe('a cell of the CSV report', () => {
  it.each([
    ['R-1', 'R-1'],
    ['=1+1', "'=1+1"],
    [' @SUM(A1)', "' @SUM(A1)"],
    ['-2', "'-2"],
    ['\t=1', '"\'\t=1"'],
    ['＝1+1', "'＝1+1"],
    ['a,"b"', '"a,""b"""'],
    ['R-1;2', '"R-1;2"'],
    // Where `;` ends a cell, what comes after it begins one.
    ['R-1;=cmd|calc', '"R-1;\'=cmd|calc"'],
    ['x; +1;@2', '"x;\' +1;\'@2"'],
  ])('%j is written as %s', (text, cell) => {
    expect(csvLine([text, undefined])).toBe(`${cell},\r\n`);
  });
});
