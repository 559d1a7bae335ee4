import { connectorErrorCodes } from '@expunge/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeOfStatus, httpError } from './http-error.ts';

const answer = (status: number, headers: Record<string, string> = {}, text = '') => ({ status, headers, text });

describe('what a status means', () => {
  it.each([
    [200, 'response-unexpected'],
    [204, 'response-unexpected'],
    [301, 'response-unexpected'],
    [302, 'response-unexpected'],
    [307, 'response-unexpected'],
    [400, 'request-rejected'],
    [401, 'credentials-rejected'],
    [402, 'quota-spent'],
    [403, 'permission-missing'],
    [404, 'setup-wrong'],
    [405, 'setup-wrong'],
    [407, 'credentials-rejected'],
    [408, 'timed-out'],
    [409, 'request-rejected'],
    [410, 'setup-wrong'],
    [413, 'request-too-large'],
    [421, 'setup-wrong'],
    [422, 'request-rejected'],
    [425, 'rate-limited'],
    [429, 'rate-limited'],
    [499, 'request-rejected'],
    [500, 'vendor-unavailable'],
    [502, 'vendor-unavailable'],
    [503, 'vendor-unavailable'],
    [504, 'vendor-unavailable'],
    [599, 'vendor-unavailable'],
  ] as const)('%i is %s', (status, code) => {
    expect(codeOfStatus(status)).toBe(code);
    expect(httpError(answer(status), { vendor: 'acme' })).toMatchObject({ code, httpStatus: status, vendor: 'acme' });
  });

  it('is a code of the table and a sentence for every status there is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 999 }), (status) => {
        expect(connectorErrorCodes).toContain(codeOfStatus(status));
        expect(httpError(answer(status), { vendor: 'acme' }).message).toMatch(
          new RegExp(`^[A-Z].* \\(HTTP ${status}\\)\\.$`),
        );
      }),
    );
  });

  it('never says that nothing happened where the vendor may have acted', () => {
    for (let status = 500; status < 600; status += 1) {
      expect(httpError(answer(status), { vendor: 'acme' }).effect).toBe('in-doubt');
    }
    expect(httpError(answer(302), { vendor: 'acme' }).effect).toBe('in-doubt');
  });
});

describe('what a connector knows better', () => {
  it('wins over the status', () => {
    const error = httpError(answer(404), {
      vendor: 'acme',
      code: 'request-rejected',
      message: 'Ours.',
      vendorStatus: 'E7',
    });
    expect(error).toMatchObject({ code: 'request-rejected', message: 'Ours.', vendorStatus: 'E7', httpStatus: 404 });
  });

  it('has a sentence of its own for every code', () => {
    for (const code of connectorErrorCodes) {
      expect(httpError(answer(400), { vendor: 'acme', code }).message.length).toBeGreaterThan(20);
    }
    expect(httpError(answer(200), { vendor: 'acme', code: 'answer-contradictory' }).message).toContain('contradicts');
  });
});

describe('the error', () => {
  it('carries the wait, and nothing of the answer', () => {
    const error = httpError(answer(429, { 'retry-after': '5', 'x-canary': 'canary' }, 'canary'), { vendor: 'acme' });
    expect(error.retryAfterMs).toBe(5_000);
    expect(JSON.stringify(error) + error.stack).not.toContain('canary');
  });
});
