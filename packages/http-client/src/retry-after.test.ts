import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRetryAfterMs } from './retry-after.ts';

const repliedAt = Date.parse('2026-01-05T10:00:00Z');
const dayMs = 86_400_000;

/** The wait that an answer asks for. Our own clock is far off, so that a test shows where it is used. */
function waitOf(headers: Record<string, string>, body: unknown = '', date = new Date(repliedAt).toUTCString()) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return readRetryAfterMs({ status: 429, headers: { date, ...headers }, text }, () => 0);
}

const hint = (msBeforeNext: unknown) => ({ errors: [{ type: 'RequestError', data: { msBeforeNext } }] });

describe('Retry-After', () => {
  it.each<[string, number | undefined]>([
    ['0', 0],
    ['7', 7_000],
    [' 7 ', 7_000],
    ['1.5', 1_500],
    ['Mon, 05 Jan 2026 10:01:00 GMT', 60_000],
    ['Monday, 05-Jan-26 10:01:00 GMT', 60_000],
    ['Mon Jan  5 10:01:00 2026', 60_000],
    ['2026-01-05T10:01:00Z', 60_000],
    ['2026-01-05T12:01:00+02:00', 60_000],
    ['Mon, 05 Jan 2026 09:00:00 GMT', 0],
    ['', undefined],
    ['soon', undefined],
    ['in 5 seconds', undefined],
    ['-5', undefined],
    ['2026-01-05T10:01:00', undefined],
    ['1e9', undefined],
    ['9'.repeat(400), undefined],
    ['99999999999', undefined],
  ])('%j', (value, waitMs) => {
    expect(waitOf({ 'retry-after': value })).toBe(waitMs);
  });

  it('is read in seconds and as a date alike', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 365 * 86_400 }), (seconds) => {
        const date = new Date(repliedAt + seconds * 1000).toUTCString();
        expect(waitOf({ 'retry-after': String(seconds) })).toBe(seconds * 1000);
        expect(waitOf({ 'retry-after': date })).toBe(seconds * 1000);
      }),
    );
  });

  it('is measured by our own clock where the reply has no date, or none that can be read', () => {
    const headers = { 'retry-after': 'Mon, 05 Jan 2026 10:01:00 GMT' };
    const now = () => repliedAt + 10_000;
    expect(readRetryAfterMs({ status: 429, headers, text: '' }, now)).toBe(50_000);
    expect(readRetryAfterMs({ status: 429, headers: { ...headers, date: 'yesterday' }, text: '' }, now)).toBe(50_000);
  });

  it('wins over the other hints', () => {
    expect(waitOf({ 'retry-after': '1', 'x-ratelimit-reset': '9' }, hint(5_000))).toBe(1_000);
    expect(waitOf({ 'retry-after': 'soon', 'x-ratelimit-reset': '9' })).toBe(9_000);
  });
});

describe('X-RateLimit-Reset', () => {
  it('is read as seconds, as a Unix time in seconds or milliseconds, and as a date', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 365 * 86_400 }), (seconds) => {
        const at = repliedAt + seconds * 1000;
        for (const value of [seconds, at / 1000, at, new Date(at).toUTCString(), new Date(at).toISOString()]) {
          expect(waitOf({ 'x-ratelimit-reset': String(value) })).toBe(seconds * 1000);
        }
      }),
    );
  });

  it('in the past is no wait', () => {
    expect(waitOf({ 'x-ratelimit-reset': String(repliedAt - 1_000) })).toBe(0);
    expect(waitOf({ 'x-ratelimit-reset': 'Tue, 31 Dec 2024 23:59:59 GMT' })).toBe(0);
  });

  it('counts by what remains: nothing, something, or unknown', () => {
    const reset = new Date(repliedAt + 20 * dayMs).toUTCString();
    const wait = (remaining: Record<string, string>, body?: unknown) =>
      waitOf({ 'x-ratelimit-reset': reset, ...remaining }, body);
    const none = { 'x-ratelimit-remaining': '0' };
    const some = { 'x-ratelimit-remaining': '5000' };
    expect(wait(none)).toBe(20 * dayMs);
    expect(wait(none, hint(1_000))).toBe(20 * dayMs);
    expect(wait(some)).toBeUndefined();
    expect(wait(some, hint(1_000))).toBe(1_000);
    expect(wait({})).toBe(20 * dayMs);
    expect(wait({}, hint(1_000))).toBe(1_000);
  });

  it('that cannot be read is no hint', () => {
    for (const value of ['', 'soon', '-1', 'NaN', '12:00'])
      expect(waitOf({ 'x-ratelimit-reset': value })).toBeUndefined();
  });
});

describe('msBeforeNext', () => {
  it.each<[unknown, number | undefined]>([
    [42_000, 42_000],
    [0, 0],
    [0.4, 1],
    ['42000', undefined],
    [-1, undefined],
    [null, undefined],
  ])('%j', (value, waitMs) => {
    expect(waitOf({}, hint(value))).toBe(waitMs);
  });

  it('is no hint in a body of another shape', () => {
    for (const body of [
      'msBeforeNext',
      '{"msBeforeNext":5}',
      { errors: [] },
      { errors: [{ data: null, x: 'msBeforeNext' }] },
    ]) {
      expect(waitOf({}, body)).toBeUndefined();
    }
  });
});

it('any answer gives a usable number of milliseconds or nothing', () => {
  const value = fc.oneof(
    fc.string(),
    fc.double().map(String),
    fc.bigInt().map(String),
    fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
  );
  fc.assert(
    fc.property(value, value, value, value, (retryAfter, reset, remaining, text) => {
      const headers = { 'retry-after': retryAfter, 'x-ratelimit-reset': reset, 'x-ratelimit-remaining': remaining };
      const waitMs = waitOf(headers, text);
      expect(waitMs === undefined || (Number.isInteger(waitMs) && waitMs >= 0 && waitMs <= 366 * dayMs)).toBe(true);
    }),
  );
});
