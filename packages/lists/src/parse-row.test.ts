import { describe, expect, it } from 'vitest';
import type { ColumnRules } from './column-rules.ts';
import { type ParsedRow, parseRow } from './parse-row.ts';

const rules: ColumnRules = { known: new Set(['user_id', 'email']), ignored: new Set(['note']) };
const defaults = { law: 'gdpr', now: Date.parse('2026-08-21T12:00:00.000Z') } as const;

function parse(values: Record<string, string>): ParsedRow {
  const fields = Object.entries(values).map(([name, value]) => ({ name, value }));
  return parseRow({ line: 7, fields, issues: [] }, rules, defaults);
}

describe('parseRow', () => {
  it('makes a request with the defaults', () => {
    expect(parse({ user_id: 'u-1', email: 'ada@example.com', note: 'x' })).toEqual({
      line: 7,
      request: {
        subject: {
          identifiers: [
            { type: 'user_id', value: 'u-1' },
            { type: 'email', value: 'ada@example.com' },
          ],
        },
        law: 'gdpr',
      },
      issues: [],
      suspicious: [],
    });
  });

  it('takes id, law and times from their columns; a day is its beginning in UTC', () => {
    const { request } = parse({
      user_id: 'u-1',
      request_id: 'R-1',
      law: 'CCPA',
      received_at: '2026-08-01',
      due_at: '2026-09-01T10:00:00+02:00',
    });
    expect(request).toMatchObject({
      id: 'R-1',
      law: 'ccpa',
      receivedAt: '2026-08-01T00:00:00Z',
      dueAt: '2026-09-01T10:00:00+02:00',
    });
  });

  it.each([
    [{ note: 'x' }, 'names nobody: every identifier is empty'],
    [{ user_id: 'undefined' }, 'user_id: the value is a placeholder; deleting it would delete somebody else'],
    [{ user_id: '   ' }, 'user_id: the value is a placeholder; deleting it would delete somebody else'],
    [{ user_id: 'u\n1' }, 'user_id: the value has a line break in it'],
    [{ user_id: 'u-1', law: 'lgpd' }, 'law: must be one of gdpr, ccpa, other'],
    [
      { user_id: 'u-1', due_at: 'tomorrow' },
      'due_at: must be a day (2026-08-21) or a time with its offset (2026-08-21T14:05:00Z)',
    ],
    [
      { user_id: 'u-1', due_at: '2026-02-30' },
      'due_at: must be a day (2026-08-21) or a time with its offset (2026-08-21T14:05:00Z)',
    ],
    [{ user_id: 'u-1', received_at: '2026-08-21T12:00:00' }, 'received_at: the time names no time zone'],
  ])('refuses %j', (values, issue) => {
    expect(parse(values)).toMatchObject({ request: undefined, issues: [{ message: issue }] });
  });

  it('speaks of columns, and of no value', () => {
    const issues = parse({ user_id: 'x'.repeat(5000), request_id: 'ada@example.com' }).issues.map(
      ({ message }) => message,
    );
    expect(issues).toHaveLength(2);
    expect(issues.join()).toMatch(/request_id: must be without spaces/);
    expect(issues.join()).toMatch(/user_id: /);
    expect(issues.join()).not.toMatch(/ada|xxx/);
  });

  it('keeps what the reader found', () => {
    const issues = [{ code: 'row-length', message: 'has 1 cells' }] as const;
    expect(parseRow({ line: 1, fields: [], issues }, rules, defaults).issues).toEqual(issues);
  });

  it('notes values with white space around them and leaves them alone', () => {
    expect(parse({ user_id: ' u-1' })).toMatchObject({
      suspicious: [{ type: 'user_id', fault: 'white-space-around' }],
      request: { subject: { identifiers: [{ value: ' u-1' }] } },
    });
  });
});
