import { ConnectorError } from '@expunge/core';
import { expect, it } from 'vitest';
import { redactError, redactOutcomes } from './redact-personal-data.ts';

const target = { type: 'email', value: 'ada@example.com', details: { user_id: 'user-77' } };
const make = (message: string, vendorStatus?: string) =>
  new ConnectorError({ code: 'rate-limited', vendor: 'x', message, vendorStatus, retryAfterMs: 5, httpStatus: 429 });

it('keeps the facts of an error and leaves out a message that names somebody', () => {
  const kept = redactError(make('No ADA@example.com here.'), [target]);
  expect(kept).toMatchObject({ code: 'rate-limited', retryAfterMs: 5, httpStatus: 429, vendorStatus: undefined });
  expect(kept.message).not.toMatch(/ada/i);
  expect(redactError(make('Too many calls.', 'user-77'), [target]).vendorStatus).toBeUndefined();
});

it('leaves alone what names nobody', () => {
  const error = make('Too many calls (HTTP 429).', 'slow');
  expect(redactError(error, [target, { type: 'id', value: 'a' }])).toBe(error);
  const outcome = { type: 'rejected', reason: 'refused', message: 'Not allowed.' } as const;
  expect(redactOutcomes([outcome], [target])[0]).toBe(outcome);
});

it('looks at what is said about one target for every target of the call', () => {
  const said = { type: 'rejected', reason: 'refused', message: 'Not user-77.' } as const;
  const absent = { type: 'absent', vendorStatus: 'user-77' } as const;
  const other = { type: 'email', value: 'grace@example.com' };
  const named = redactOutcomes([said, said, absent], [target, other, other]);
  expect(named.map(({ type }) => type)).toEqual(['rejected', 'rejected', 'absent']);
  expect(JSON.stringify(named)).not.toContain('77');
});
