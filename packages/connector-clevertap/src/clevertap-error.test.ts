import { describe, expect, it } from 'vitest';
import { cleverTapError, readRefusal } from './clevertap-error.ts';
import { parseCleverTapOptions } from './clevertap-options.ts';

const account = { accountId: 'TEST-ACCOUNT', passcode: 'test-passcode' };
const settings = parseCleverTapOptions({ ...account, region: 'sg' });

const answer = (status: number, body: unknown, headers: Record<string, string> = {}) => ({
  status,
  headers,
  text: typeof body === 'string' ? body : JSON.stringify(body),
});
const fail = (error: string, code: number) => ({ status: 'fail', error, code });

describe('cleverTapError', () => {
  it.each([
    ['Payload is mandatory', 'request-rejected', 'no body'],
    ['Sending either identities or guids in payload is mandatory', 'request-rejected', 'neither identities nor guids'],
    ['Invalid payload. Empty payload is not allowed.', 'request-rejected', 'empty list'],
    ['Invalid payload. Received both guid and identity. Only one of them is allowed.', 'request-rejected', 'not both'],
    ['Invalid payload. Max 100 guids allowed per request.', 'request-too-large', '100 guids'],
    ['Invalid payload. Max 100 identities allowed per request.', 'request-too-large', '100 identities'],
  ])('takes the documented 400 "%s" for %s', (text, code, words) => {
    const error = cleverTapError(answer(400, fail(text, 400)), settings);
    expect(error).toMatchObject({ code, httpStatus: 400, vendorStatus: '400', effect: 'nothing', isRetryable: false });
    expect(error.message).toContain(words);
  });

  it('keeps any other text of a 400 to itself', () => {
    const error = cleverTapError(answer(400, fail('No such person: ada@example.com', 400)), settings);
    expect(error.code).toBe('request-rejected');
    expect(JSON.stringify({ ...error, message: error.message })).not.toContain('ada');
  });

  it.each([
    [401, 'credentials-rejected', false],
    [403, 'permission-missing', false],
    [404, 'setup-wrong', false],
    [405, 'setup-wrong', false],
    [409, 'request-rejected', false],
    [429, 'rate-limited', true],
    [500, 'vendor-unavailable', true],
    [503, 'vendor-unavailable', true],
  ])(
    'takes HTTP %i for %s, also without a readable body, and the same number inside an HTTP 200',
    (status, code, isRetryable) => {
      const expected = { vendor: 'clevertap', code, isRetryable };
      expect(cleverTapError(answer(status, fail('Some text', status)), settings)).toMatchObject(expected);
      expect(cleverTapError(answer(status, '<html>'), settings)).toMatchObject(expected);
      expect(cleverTapError(answer(200, fail('Some text', status)), settings)).toMatchObject({
        ...expected,
        httpStatus: 200,
        vendorStatus: String(status),
      });
    },
  );

  it('hints at the region when the credentials are rejected', () => {
    const refused = answer(401, fail('Account ID is not valid', 401));
    expect(cleverTapError(refused, settings).message).toContain('the region "sg"');
    const byHost = parseCleverTapOptions({ ...account, host: 'sg1.api.clevertap.com' });
    expect(cleverTapError(refused, byHost).message).toContain('the host');
    expect(cleverTapError(refused, byHost).message).toContain('another region');
  });

  it('reads how long to wait', () => {
    const limited = answer(429, fail('Too many concurrent requests', 429), { 'retry-after': '7' });
    expect(cleverTapError(limited, settings).retryAfterMs).toBe(7000);
  });

  it.each([
    ['a fail without a number', { status: 'fail', error: 'Something' }],
    ['a fail with an undocumented number', fail('Something', 512)],
    ['a partial success', { status: 'partial', processed: 1, unprocessed: [] }],
  ])('leaves %s inside an HTTP 200 in doubt', (_what, body) => {
    expect(cleverTapError(answer(200, body), settings)).toMatchObject({
      code: 'response-unexpected',
      effect: 'in-doubt',
    });
  });

  it('believes no success that comes with another status', () => {
    expect(cleverTapError(answer(202, { status: 'success' }), settings).code).toBe('response-unexpected');
    expect(cleverTapError(answer(302, ''), settings).code).toBe('response-unexpected');
  });
});

describe('readRefusal', () => {
  it('takes nothing but the vendor’s own form for a refusal', () => {
    expect(readRefusal(answer(404, fail('Not found', 404)))).toEqual({ code: 404, text: 'Not found', hasCode: true });
    expect(readRefusal(answer(404, '<html>'))).toBeUndefined();
    expect(readRefusal(answer(200, { status: 'success' }))).toBeUndefined();
    expect(readRefusal(answer(200, [1]))).toBeUndefined();
  });
});
