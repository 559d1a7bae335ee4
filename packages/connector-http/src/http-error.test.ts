import { describe, expect, it } from 'vitest';
import { isFailure, replyError } from './http-error.ts';
import { readReply } from './match-reply.ts';
import { type FailureReply, failureCodes } from './reply-schema.ts';

const reply = (headers: Record<string, string> = {}, body: unknown = {}) =>
  readReply({ status: 429, headers, text: JSON.stringify(body) });
const rule: FailureReply = { status: 429, body: 'any', means: 'rate-limited' };

describe('replyError', () => {
  it.each(failureCodes)('says %s where the rule does', (means) => {
    expect(isFailure({ means })).toBe(true);
    expect(replyError(reply(), 'acme', { ...rule, means })).toMatchObject({
      code: means,
      vendor: 'acme',
    });
  });

  it('reads the usual hints to wait, and those that the rule names', () => {
    const wait = (headers: Record<string, string>, retryAfter?: FailureReply['retryAfter'], body?: unknown) =>
      replyError(reply(headers, body), 'acme', { ...rule, retryAfter }).retryAfterMs;
    expect(wait({ 'retry-after': '7' })).toBe(7000);
    expect(wait({ 'x-wait': '7' }, { header: 'X-Wait', unit: 'milliseconds' })).toBe(7);
    expect(wait({}, { at: '/wait', unit: 'seconds' }, { wait: 1.5 })).toBe(1500);
    expect(wait({}, { at: '/wait', unit: 'seconds' }, { wait: '2' })).toBe(2000);
    // What can't be read falls back on the usual.
    expect(wait({ 'retry-after': '7' }, { at: '/wait', unit: 'seconds' }, { wait: 'soon' })).toBe(7000);
    expect(wait({}, { at: '/wait', unit: 'seconds' }, { wait: -1 })).toBeUndefined();
    expect(wait({}, { at: '/wait', unit: 'seconds' }, { wait: 1e12 })).toBeUndefined();
  });

  it('shows nothing of the reply', () => {
    const error = replyError(reply({ 'x-who': 'ada' }, { ada: 'ada@example.com' }), 'acme', rule);
    expect(`${error.message} ${JSON.stringify(error)}`).not.toContain('ada');
  });
});
