import { ConnectorError } from '@expunge/core';
import { describe, expect, it } from 'vitest';
import { beforeSending, isConflict, isUnknownRequest, openDsrError, readRefusal } from './opendsr-error.ts';
import { parseOpenDsrOptions } from './opendsr-options.ts';

const options = {
  baseUrl: 'https://opendsr.example.com/v2',
  auth: { type: 'none' },
  identities: { email: 'raw' },
  regulation: 'gdpr',
  requestIdSecret: 'request-id-secret-of-the-test',
};
const settings = parseOpenDsrOptions(options);
const appsFlyer = parseOpenDsrOptions({ ...options, dialect: 'appsflyer' });
const answer = (status: number, body: unknown) => ({
  status,
  headers: {},
  text: typeof body === 'string' ? body : JSON.stringify(body),
});
const wrapped = { error: { code: 404, message: 'unknown', errors: [] } };

describe('openDsrError', () => {
  it.each([
    [400, 'request-rejected', 'nothing'],
    [401, 'credentials-rejected', 'nothing'],
    [403, 'permission-missing', 'nothing'],
    [404, 'setup-wrong', 'nothing'],
    [429, 'rate-limited', 'nothing'],
    [500, 'vendor-unavailable', 'in-doubt'],
    [200, 'response-unexpected', 'in-doubt'],
    [302, 'response-unexpected', 'in-doubt'],
  ])('takes HTTP %i for %s', (status, code, effect) => {
    expect(openDsrError(answer(status, wrapped), settings)).toMatchObject({ code, effect, httpStatus: status });
  });

  it("reads AppsFlyer's codes from AppsFlyer alone, and only with HTTP 400", () => {
    const body = { error: { code: 400, af_gdpr_code: 'e411' } };
    expect(openDsrError(answer(400, body), appsFlyer).code).toBe('setup-wrong');
    expect(openDsrError(answer(400, body), settings)).toMatchObject({
      code: 'request-rejected',
      vendorStatus: undefined,
    });
    expect(openDsrError(answer(500, body), appsFlyer).code).toBe('vendor-unavailable');
    expect(
      openDsrError(answer(400, { error: { code: 400, af_gdpr_code: 'ada@example.com' } }), appsFlyer),
    ).toMatchObject({
      code: 'request-rejected',
      vendorStatus: undefined,
    });
  });
});

describe('readRefusal', () => {
  it("reads the specification's form, and mParticle's without the object around it", () => {
    expect(readRefusal(answer(404, wrapped))).toMatchObject({ code: 404 });
    expect(readRefusal(answer(404, wrapped.error))).toMatchObject({ code: 404 });
    for (const other of ['<html>', [], null, { error: 'x' }, { message: 'x' }]) {
      expect(readRefusal(answer(404, other))).toBeUndefined();
    }
  });
});

describe('isUnknownRequest and isConflict', () => {
  it('go by status and code, never by words', () => {
    expect(isUnknownRequest(answer(404, wrapped), settings)).toBe(true);
    expect(isUnknownRequest(answer(410, wrapped), settings)).toBe(true);
    expect(isUnknownRequest(answer(404, '<html>'), settings)).toBe(false);
    expect(isUnknownRequest(answer(400, { error: { code: 400, message: 'not found' } }), settings)).toBe(false);
    expect(isUnknownRequest(answer(400, { error: { code: 400, af_gdpr_code: 'e214' } }), appsFlyer)).toBe(true);
    expect(isConflict(answer(409, ''), settings)).toBe(true);
    expect(isConflict(answer(400, { error: { code: 400, af_gdpr_code: 'e215' } }), appsFlyer)).toBe(true);
    expect(isConflict(answer(400, { error: { code: 400, af_gdpr_code: 'e215' } }), settings)).toBe(false);
  });
});

describe('beforeSending', () => {
  const error = (code: 'timed-out' | 'aborted' | 'rate-limited') =>
    new ConnectorError({ code, vendor: 'opendsr', message: 'M.', retryAfterMs: 7 });

  it('knows that nothing happened', () => {
    expect(beforeSending(error('timed-out'))).toMatchObject({
      code: 'connection-failed',
      effect: 'nothing',
      retryAfterMs: 7,
    });
    expect(beforeSending(error('aborted'))).toMatchObject({ code: 'not-sent' });
    const limited = error('rate-limited');
    expect(beforeSending(limited)).toBe(limited);
    const other = new TypeError('x');
    expect(beforeSending(other)).toBe(other);
  });
});
