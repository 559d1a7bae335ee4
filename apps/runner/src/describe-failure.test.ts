import { describe, expect, it } from 'vitest';
import { describeFailure, failureLines } from './describe-failure.ts';
import { UserError } from './user-error.ts';

describe('describeFailure', () => {
  it('tells what was written to be told', () => {
    const issues = [
      { where: 'ledger.sqlite', line: 3, message: 'is missing.' },
      { line: 4, message: 'is empty' },
      { message: 'x' },
    ];
    expect(failureLines(describeFailure(new UserError('Two things are wrong:', issues, 5)))).toEqual([
      'Two things are wrong:',
      '  ledger.sqlite (line 3): is missing.',
      '  line 4: is empty',
      '  x',
      '  and 5 more',
    ]);
  });

  it('tells what the ledger says', () => {
    const error = Object.assign(new Error('The ledger is in use.'), { name: 'LedgerError', code: 'in-use' });
    expect(describeFailure(error).message).toBe('The ledger is in use.');
  });

  it.each([
    [new TypeError('ada@example.com is no function'), 'TypeError'],
    [Object.assign(new Error('ada lovelace'), { code: 'ERR_SOMETHING' }), 'Error ERR_SOMETHING'],
    [Object.assign(new Error('x'), { code: 'ada lovelace', name: 'ada lovelace' }), 'Error'],
    [Object.assign(new Error('ada'), { name: 'StatementFailed', sqlState: '23514' }), 'StatementFailed SQLSTATE 23514'],
    [Object.assign(new Error('ada'), { name: 'StatementFailed', sqlState: 'ada lovelace' }), 'StatementFailed'],
    ['ada', 'no Error'],
  ])('keeps the text of other errors to itself', (error, kind) => {
    const { message } = describeFailure(error);
    expect(message).toContain(`(${kind})`);
    expect(message).not.toMatch(/ada/);
  });

  it.each([
    [21, 0, 22, '  line 21: x'],
    [1000, 0, 1001, '  line 1000: x'],
    [1000, 7, 1002, '  and 7 more'],
    [1030, 0, 1002, '  and 30 more; --json lists them all'],
    [1030, 5000, 1002, '  and 5,030 more; --json lists the first 1,030'],
  ])('of %i issues and %i that were only counted it prints %i lines', (count, moreIssues, length, last) => {
    const issues = Array.from({ length: count }, (_, index) => ({ line: index + 1, message: 'x' }));
    const lines = failureLines(describeFailure(new UserError('Bad:', issues, moreIssues)));
    expect(lines).toHaveLength(length);
    expect(lines.at(-1)).toBe(last);
  });
});
