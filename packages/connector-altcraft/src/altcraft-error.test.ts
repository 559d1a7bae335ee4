import { describe, expect, it } from 'vitest';
import { altcraftError, refusalCode } from './altcraft-error.ts';
import { readReply } from './altcraft-reply.ts';

function answer(status: number, body: unknown, headers: Record<string, string> = {}) {
  const response = { status, headers, text: typeof body === 'string' ? body : JSON.stringify(body) };
  return { response, reply: readReply(response) };
}

const errorOf = (status: number, body: unknown, headers?: Record<string, string>) => {
  const { response, reply } = answer(status, body, headers);
  return altcraftError(response, reply, 'the deletion');
};

const refused = (error: number) => ({ error, error_text: 'No such person: ada@example.com' });

describe('altcraftError', () => {
  it.each([
    [400, 'request-rejected', false],
    [401, 'credentials-rejected', false],
    [402, 'quota-spent', true],
    [403, 'permission-missing', false],
    [404, 'request-rejected', false],
    [429, 'rate-limited', true],
    [440, 'request-rejected', false],
    [500, 'vendor-unavailable', true],
    [503, 'vendor-unavailable', true],
    [1, 'request-rejected', false],
    [-1, 'request-rejected', false],
    [1000, 'request-rejected', false],
  ])('takes error %i for %s, inside an HTTP 200 and mirrored by the HTTP status', (number, code, isRetryable) => {
    for (const status of number >= 400 && number < 600 ? [200, number] : [200]) {
      const error = errorOf(status, refused(number));
      expect(error).toMatchObject({ code, isRetryable, httpStatus: status, vendorStatus: String(number) });
      expect(error.message).toContain(String(number));
      expect(JSON.stringify({ ...error, message: error.message })).not.toContain('ada');
    }
  });

  it('names the option where the number may mean that there is no such profile', () => {
    expect(errorOf(200, refused(404)).message).toContain('absentCodes');
    expect(errorOf(200, refused(440)).message).toContain('absentCodes');
    expect(errorOf(200, refused(403)).message).not.toContain('absentCodes');
  });

  it('lets an HTTP status about the call decide over the number inside', () => {
    expect(errorOf(503, refused(404)).code).toBe('vendor-unavailable');
    expect(errorOf(429, refused(404), { 'retry-after': '5' })).toMatchObject({
      code: 'rate-limited',
      retryAfterMs: 5000,
    });
  });

  it.each([
    [401, 'credentials-rejected'],
    [404, 'setup-wrong'],
    [429, 'rate-limited'],
    [502, 'vendor-unavailable'],
    [302, 'response-unexpected'],
    [200, 'response-unexpected'],
  ])('takes HTTP %i without an envelope for %s', (status, code) => {
    expect(errorOf(status, '<html>Sign in</html>').code).toBe(code);
  });

  it('leaves in doubt what contradicts itself', () => {
    expect(errorOf(404, { error: 0, data: { profile_id: 'x' } })).toMatchObject({
      code: 'response-unexpected',
      effect: 'in-doubt',
    });
    expect(errorOf(200, { error: 0, data: {} }).code).toBe('response-unexpected');
  });
});

describe('refusalCode', () => {
  it('is a number that is about the profile, and nothing else', () => {
    const codeOf = (status: number, body: unknown) => {
      const { response, reply } = answer(status, body);
      return refusalCode(response, reply);
    };
    expect(codeOf(200, refused(404))).toBe(404);
    expect(codeOf(404, refused(404))).toBe(404);
    expect(codeOf(200, refused(400))).toBe(400);
    for (const number of [401, 402, 403, 429, 500, 599]) expect(codeOf(200, refused(number))).toBeUndefined();
    for (const status of [401, 402, 403, 429, 500, 503]) expect(codeOf(status, refused(404))).toBeUndefined();
    expect(codeOf(200, { error: 0 })).toBeUndefined();
    expect(codeOf(404, '<html>')).toBeUndefined();
  });
});
