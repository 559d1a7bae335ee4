import { describe, expect, it } from 'vitest';
import { checkList, type RowRules } from './check-list.ts';
import { ListError } from './list-error.ts';
import type { ListRow } from './list-row.ts';

const rules: RowRules = {
  columns: { known: new Set(['user_id']), ignored: new Set() },
  defaults: { law: 'gdpr', now: Date.parse('2026-08-21T12:00:00.000Z') },
};

function row(line: number, userId: string, requestId?: string): ListRow {
  const id = requestId === undefined ? [] : [{ name: 'request_id', value: requestId }];
  return { line, fields: [{ name: 'user_id', value: userId }, ...id], issues: [] };
}

describe('checkList', () => {
  it('counts what can be used and lists what cannot', async () => {
    const rows = [row(2, 'u-1', 'R1'), row(3, 'null'), row(4, 'u-3', 'R1'), row(5, 'u-4 ')];
    expect(await checkList(() => [rows], rules, 10)).toEqual({
      valid: 2,
      invalid: 2,
      issues: [
        {
          code: 'value-refused',
          line: 3,
          message: 'user_id: the value is a placeholder; deleting it would delete somebody else',
          columns: ['user_id'],
        },
        { code: 'id-repeated', line: 4, message: 'request_id: stands on line 2 already', columns: ['request_id'] },
      ],
      moreIssues: 0,
      others: 0,
      isBroken: false,
      suspicious: [{ type: 'user_id', fault: 'white-space-around', count: 1, lines: [5] }],
      requests: expect.any(Function),
    });
  });

  it('keeps a bounded number of issues and counts the rest', async () => {
    const rows = Array.from({ length: 50 }, (_, index) => row(index + 1, 'null'));
    expect(await checkList(() => [rows], rules, 3)).toMatchObject({ invalid: 50, moreIssues: 47 });
  });

  it('ends where the input is broken, and says so', async () => {
    async function* rows(): AsyncGenerator<readonly ListRow[]> {
      yield [row(2, 'u-1')];
      throw new ListError('csv-broken', 'a quote is opened here and never closed', { line: 3 });
    }
    expect(await checkList(rows, rules, 10)).toMatchObject({
      valid: 1,
      isBroken: true,
      issues: [{ code: 'csv-broken', line: 3, message: 'a quote is opened here and never closed' }],
    });
  });

  it('lets other errors through', async () => {
    async function* rows(): AsyncGenerator<readonly ListRow[]> {
      yield [row(2, 'u-1')];
      throw new RangeError('disk');
    }
    await expect(checkList(rows, rules, 10)).rejects.toThrow(RangeError);
  });
});

describe('requests of a checked list', () => {
  it('are exactly the rows that were counted, as often as they are read', async () => {
    const rows = [row(2, 'u-1', 'R1'), row(3, 'null'), row(4, 'u-3', 'R1'), row(5, 'u-4')];
    const values: (string | undefined)[] = [];
    const { requests } = await checkList(() => [rows], rules, 10);
    for (const _time of [1, 2]) {
      for await (const request of requests()) values.push(request.subject.identifiers[0]?.value);
    }
    expect(values).toEqual(['u-1', 'u-4', 'u-1', 'u-4']);
  });
});
