import { describe, expect, it } from 'vitest';
import { InputBrokenError, type InputRow } from './input-row.ts';
import { inspectRows, type RowRules, requestsOf } from './inspect-rows.ts';

const rules: RowRules = {
  columns: { known: new Set(['user_id']), ignored: new Set() },
  defaults: { law: 'gdpr', receivedAt: '2026-08-21T12:00:00.000Z' },
};

function row(line: number, userId: string, requestId?: string): InputRow {
  const id = requestId === undefined ? [] : [{ name: 'request_id', value: requestId }];
  return { line, fields: [{ name: 'user_id', value: userId }, ...id], issues: [] };
}

describe('inspectRows', () => {
  it('counts what can be used and lists what cannot', async () => {
    const rows = [row(2, 'u-1', 'R1'), row(3, 'null'), row(4, 'u-3', 'R1'), row(5, 'u-4 ')];
    expect(await inspectRows([rows], rules, 10)).toEqual({
      valid: 2,
      invalid: 2,
      issues: [
        { line: 3, message: 'user_id: the value is a placeholder; deleting it would delete somebody else' },
        { line: 4, message: 'request_id: stands on line 2 already' },
      ],
      moreIssues: 0,
      isBroken: false,
      invalidLines: new Set([3, 4]),
      padded: new Map([['user_id', 1]]),
    });
  });

  it('keeps a bounded number of issues and counts the rest', async () => {
    const rows = Array.from({ length: 50 }, (_, index) => row(index + 1, 'null'));
    expect(await inspectRows([rows], rules, 3)).toMatchObject({ invalid: 50, moreIssues: 47 });
  });

  it('ends where the input is broken, and says so', async () => {
    async function* rows(): AsyncGenerator<readonly InputRow[]> {
      yield [row(2, 'u-1')];
      throw new InputBrokenError('a quote is opened here and never closed', 3);
    }
    expect(await inspectRows(rows(), rules, 10)).toMatchObject({
      valid: 1,
      isBroken: true,
      issues: [{ line: 3, message: 'a quote is opened here and never closed' }],
    });
  });

  it('lets other errors through', async () => {
    async function* rows(): AsyncGenerator<readonly InputRow[]> {
      yield [row(2, 'u-1')];
      throw new RangeError('disk');
    }
    await expect(inspectRows(rows(), rules, 10)).rejects.toThrow(RangeError);
  });
});

describe('requestsOf', () => {
  it('yields exactly the rows that inspectRows counts', async () => {
    const rows = [row(2, 'u-1', 'R1'), row(3, 'null'), row(4, 'u-3', 'R1'), row(5, 'u-4')];
    const values: (string | undefined)[] = [];
    const { invalidLines } = await inspectRows([rows], rules, 10);
    for await (const request of requestsOf([rows], rules, invalidLines))
      values.push(request.subject.identifiers[0]?.value);
    expect(values).toEqual(['u-1', 'u-4']);
  });
});
