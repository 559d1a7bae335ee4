import { ConnectorError } from '@expunge/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gdprError, profileReplyError, readBackError, taskError } from './mixpanel-error.ts';

function reply(body: unknown, status = 200, headers: Record<string, string> = {}) {
  return { status, headers, text: typeof body === 'string' ? body : JSON.stringify(body) };
}

function codeOf(body: unknown, sent: number, status?: number): string | undefined {
  try {
    return profileReplyError(reply(body, status), sent)?.code;
  } catch (error) {
    if (ConnectorError.isInstance(error)) return `thrown ${error.code}`;
    throw error;
  }
}

const strict = { error: null, errors: {}, num_good_events: 2, status: 1 };

describe('profileReplyError', () => {
  it.each([
    ['the strict reply', strict, 2],
    ['the strict reply in JSON with errors as a list', { ...strict, errors: [] }, 2],
    ['the verbose reply', { error: null, status: 1 }, 2],
    ['a plain 1 for one record', '1', 1],
    ['a plain 1 with a line break', '1\n', 1],
  ])('finds nothing wrong: %s', (_case, body, sent) => {
    expect(codeOf(body, sent)).toBeUndefined();
  });

  it.each([
    ['a plain 0', '0', 2],
    ['a plain 0 for one record', '0', 1],
    ['a plain 1 for several records: it means at least one', '1', 2],
    ['status 0', { error: '$distinct_id, missing or empty', status: 0 }, 2],
    ['status 0 with a full count', { ...strict, status: 0 }, 2],
    ['a lower count', { ...strict, num_good_events: 1 }, 2],
    ['a count of none', { ...strict, num_good_events: 0 }, 1],
    ['errors by record', { ...strict, errors: { 1: 'missing' } }, 2],
    ['errors as a list', { ...strict, errors: ['missing'] }, 2],
    ['an error text beside status 1', { ...strict, error: 'something' }, 2],
  ])('is a refusal in spite of HTTP 200: %s', (_case, body, sent) => {
    expect(codeOf(body, sent)).toBe('request-rejected');
  });

  it.each([
    ['nothing', ''],
    ['a web page', '<html>1</html>'],
    ['half an answer', '{"error":null,"status":1'],
    ['another number', '2'],
    ['another status', { error: null, status: 'ok' }],
    ['the error envelope', { error: 'x', status: 'error' }],
    ['an empty object', {}],
  ])('is an answer that Mixpanel does not document: %s', (_case, body) => {
    expect(codeOf(body, 1)).toBe('thrown response-unexpected');
  });

  it('does not take a count of more than was sent', () => {
    expect(codeOf({ ...strict, num_good_events: 3 }, 2)).toBe('response-unexpected');
  });

  it.each([
    [400, 'request-rejected'],
    [401, 'credentials-rejected'],
    [403, 'permission-missing'],
    [413, 'request-too-large'],
    [429, 'rate-limited'],
    [302, 'response-unexpected'],
    [500, 'vendor-unavailable'],
    [503, 'vendor-unavailable'],
  ])('reads HTTP %i as %s whatever the body says', (status, code) => {
    expect(codeOf(strict, 2, status)).toBe(code);
  });

  it('takes a reply for success only by the whole rule', () => {
    const body = fc.record({
      status: fc.constantFrom(0, 1),
      error: fc.constantFrom(null, 'text', undefined),
      errors: fc.constantFrom({}, [], { 0: 'text' }, ['text'], null, undefined),
      num_good_events: fc.option(fc.nat(4), { nil: undefined }),
    });
    fc.assert(
      fc.property(body, fc.integer({ min: 1, max: 4 }), (answer, sent) => {
        const isSuccess =
          answer.status === 1 &&
          !answer.error &&
          Object.keys(answer.errors ?? {}).length === 0 &&
          (answer.num_good_events === undefined || answer.num_good_events === sent);
        expect(codeOf(answer, sent) === undefined).toBe(isSuccess);
      }),
    );
  });
});

describe.each([
  ['gdprError', gdprError, { 404: 'setup-wrong' }],
  ['taskError', taskError, { 404: 'response-unexpected' }],
  ['readBackError', readBackError, { 404: 'setup-wrong' }],
])('%s', (_name, toError, special) => {
  it.each([
    [400, 'request-rejected'],
    [401, 'credentials-rejected'],
    [402, 'quota-spent'],
    [403, 'permission-missing'],
    [413, 'request-too-large'],
    [429, 'rate-limited'],
    [307, 'response-unexpected'],
    [500, 'vendor-unavailable'],
    [503, 'vendor-unavailable'],
  ])('reads HTTP %i as %s', (status, code) => {
    const error = toError(reply({ error: 'ada@example.com is unknown', status: 'error' }, status));
    expect(error).toMatchObject({ code, vendor: 'mixpanel', httpStatus: status });
    expect(error.message).not.toContain('ada@example.com');
  });

  it('reads HTTP 404 by what was asked', () => {
    expect(toError(reply('', 404)).code).toBe(special[404]);
  });

  it('passes on how long to wait', () => {
    expect(toError(reply('', 429, { 'retry-after': '7' })).retryAfterMs).toBe(7000);
  });
});
