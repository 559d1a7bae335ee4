import { ConnectorError, type SubmitOutcome, type Target } from '@expunge/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jobsOptions } from '../test/jobs-vendor.ts';
import { resultsOptions } from '../test/results-vendor.ts';
import { usersOptions } from '../test/users-vendor.ts';
import { scopeOf } from './http-api.ts';
import { type HttpOptions, parseHttpOptions } from './http-options.ts';
import { readReply } from './match-reply.ts';
import { readOutcomes } from './submit-outcomes.ts';

const base = 'http://127.0.0.1:9';

function read(
  options: HttpOptions,
  status: number,
  text: string,
  targets: readonly Target[],
): readonly SubmitOutcome[] {
  const settings = parseHttpOptions(options);
  return readOutcomes(readReply({ status, headers: {}, text }), targets, settings, scopeOf(settings));
}

function resultOf(call: () => readonly SubmitOutcome[]): readonly SubmitOutcome[] | ConnectorError {
  try {
    return call();
  } catch (error) {
    if (ConnectorError.isInstance(error)) return error;
    throw error;
  }
}

const statuses = fc.oneof(
  fc.constantFrom(200, 201, 202, 204, 302, 400, 401, 404, 429, 500),
  fc.integer({ min: 200, max: 599 }),
);

describe('a reply that fits no rule', () => {
  const ada: Target = { type: 'user', value: 'ada' };
  const options = usersOptions(base);
  const ids = fc.constantFrom<unknown>('ada', 'Ada', 'ada ', ['ada'], null, 7);
  const user = fc.record(
    { id: ids, deleted: fc.constantFrom<unknown>(true, false, 'true', 1, null) },
    { requiredKeys: [] },
  );
  const error = fc.record({ code: fc.constantFrom<unknown>('user_not_found', 'not_found', 404, null) });
  const bodies = fc.oneof(
    fc
      .record({ user: fc.oneof(user, fc.jsonValue()), error: fc.oneof(error, fc.jsonValue()) }, { requiredKeys: [] })
      .map((body) => JSON.stringify(body)),
    fc.json(),
    fc.constantFrom('', '{}', '[]', 'null', '<html></html>', '{"user":{"id":"ada","deleted":tru'),
    fc.string(),
  );

  it('is never a success', () => {
    fc.assert(
      fc.property(statuses, bodies, (status, text) => {
        const result = resultOf(() => read(options, status, text, [ada]));
        if (result instanceof ConnectorError) return;
        // Said in other words than the rules are.
        const body = JSON.parse(text);
        if (result[0]?.type === 'deleted') {
          expect({ status, id: body.user.id, deleted: body.user.deleted }).toEqual({
            status: 200,
            id: 'ada',
            deleted: true,
          });
        } else {
          expect(result).toEqual([{ type: 'absent', vendorStatus: 'user_not_found' }]);
          expect({ status, code: body.error.code }).toEqual({ status: 404, code: 'user_not_found' });
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('is what its status usually means', () => {
    const codeOf = (status: number) => {
      const result = resultOf(() => read(options, status, '{}', [ada]));
      return result instanceof ConnectorError ? result.code : result;
    };
    expect([200, 204, 302, 401, 404, 429, 500].map(codeOf)).toEqual([
      'response-unexpected',
      'response-unexpected',
      'response-unexpected',
      'credentials-rejected',
      'setup-wrong',
      'rate-limited',
      'vendor-unavailable',
    ]);
  });
});

describe('the first rule that fits', () => {
  const decided = (means: string, more: object = {}) => {
    const options = usersOptions(base);
    const replies = [{ status: [409, 423], body: 'any', means, ...more }, ...options.submit.replies];
    return resultOf(() =>
      read({ ...options, submit: { ...options.submit, replies } } as HttpOptions, 409, '{"wait":2.5}', [
        { type: 'user', value: 'ada' },
      ]),
    );
  };

  it('decides, in the words of the description', () => {
    expect(
      decided('rejected', { reason: 'refused', message: 'An owner has to leave first.', vendorStatus: '409' }),
    ).toEqual([{ type: 'rejected', reason: 'refused', message: 'An owner has to leave first.', vendorStatus: '409' }]);
    expect(decided('deferred', { reason: 'conflict', retryAfterMs: 60_000 })).toEqual([
      { type: 'deferred', reason: 'conflict', retryAfterMs: 60_000 },
    ]);
    expect(decided('absent', { body: 'empty' })).toMatchObject({ code: 'request-rejected' });
    expect(
      decided('quota-spent', { message: 'Used up.', vendorStatus: 'q1', retryAfter: { at: '/wait', unit: 'seconds' } }),
    ).toMatchObject({
      code: 'quota-spent',
      message: 'Used up.',
      vendorStatus: 'q1',
      httpStatus: 409,
      retryAfterMs: 2500,
    });
    expect(decided('rate-limited', { retryAfter: { at: '/nothing', unit: 'seconds' } })).toMatchObject({
      retryAfterMs: undefined,
    });
  });
});

describe('an absence that a whole call is answered with', () => {
  const options = jobsOptions(base);
  const body = [{ at: '/message', equals: 'unknown' }];
  const replies: HttpOptions['submit']['replies'] = [...options.submit.replies, { status: 404, body, means: 'absent' }];
  const described: HttpOptions = { ...options, submit: { ...options.submit, replies } };
  const submit = (...people: readonly string[]) =>
    resultOf(() =>
      read(
        described,
        404,
        '{"message":"unknown"}',
        people.map((value) => ({ type: 'person', value })),
      ),
    );

  it('counts for a person who stands alone', () => {
    expect(submit('ada')).toEqual([{ type: 'absent' }]);
  });

  it('says of several nothing about each, so that they are asked about apart', () => {
    expect(submit('ada', 'grace')).toMatchObject({ code: 'request-rejected', effect: 'nothing' });
  });
});

describe('a receipt', () => {
  const options = jobsOptions(base);
  const reply = (id: string) => `{"job":{"status":"queued","id":${id}}}`;
  const submit = (id: string, person = 'ada') =>
    resultOf(() => read(options, 202, reply(id), [{ type: 'person', value: person }]));

  it('keeps every digit of a long number, as text', () => {
    expect(submit('9007199254740993')).toEqual([{ type: 'accepted', receipt: { job: '9007199254740993' } }]);
    expect(submit('"j-1"')).toEqual([{ type: 'accepted', receipt: { job: 'j-1' } }]);
    expect(submit('7', '7')).toEqual([{ type: 'accepted', receipt: { job: '7' } }]);
  });

  it.each(['null', '""', '1.5', '{}', '[]', 'true', `"${'x'.repeat(257)}"`, '"\\ud800"'])(
    'is never made of %s',
    (id) => {
      expect(submit(id)).toMatchObject({ code: 'response-unexpected', effect: 'in-doubt' });
    },
  );

  it('never holds a person’s id', () => {
    const result = submit('"ada"');
    expect(result).toMatchObject({ code: 'answer-contradictory', effect: 'in-doubt' });
    expect(String(result)).not.toContain('ada');
  });
});

describe('results', () => {
  const targets = ['a', 'b', 'c'].map((value): Target => ({ type: 'ids', value }));
  const options = resultsOptions(base);
  const results = (entries: readonly object[], more: object = {}) =>
    resultOf(() =>
      read({ ...options, submit: { ...options.submit, ...more } }, 200, JSON.stringify({ outcome: entries }), targets),
    );
  const all = targets.map(({ value }) => ({ who: value, what: value === 'b' ? 'unknown' : 'purged' }));

  it('are found by id, in whatever order', () => {
    const expected = [{ type: 'deleted' }, { type: 'absent' }, { type: 'deleted' }];
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: 3 }), (entries) => {
        expect(results(entries)).toEqual(expected);
      }),
    );
  });

  it('never let a target pass that they leave out', () => {
    expect(results(all.slice(1))).toMatchObject({ code: 'response-unexpected', effect: 'in-doubt' });
    expect(results([])).toMatchObject({ code: 'response-unexpected' });
    expect(results(all.slice(1), { missing: 'deferred' })).toEqual([
      { type: 'deferred', reason: 'not-taken' },
      { type: 'absent' },
      { type: 'deleted' },
    ]);
  });

  it('end the call where they speak of somebody else, say two things, or an unknown word', () => {
    expect(results([...all, { who: 'd', what: 'purged' }])).toMatchObject({ code: 'answer-contradictory' });
    expect(results([...all, { what: 'purged' }])).toMatchObject({ code: 'answer-contradictory' });
    expect(results([...all, { who: 'b', what: 'purged' }])).toMatchObject({ code: 'response-unexpected' });
    expect(results([...all.slice(1), { who: 'a', what: 'busy' }])).toMatchObject({ code: 'response-unexpected' });
  });

  it('can stand in lists of plain ids', () => {
    const lists = [
      { at: '/processed', id: '', replies: [{ body: 'any', means: 'deleted' }] },
      { at: '/unprocessed', id: '', replies: [{ body: 'any', means: 'absent' }] },
    ];
    const replies = [{ status: 200, body: [{ at: '/processed', is: 'list' }], means: 'results' }];
    const described = { ...options, submit: { ...options.submit, replies, results: lists } } as HttpOptions;
    const reply = '{"processed":["c","a"],"unprocessed":["b"]}';
    expect(read(described, 200, reply, targets)).toEqual([
      { type: 'deleted' },
      { type: 'absent' },
      { type: 'deleted' },
    ]);
    expect(resultOf(() => read(described, 200, '{"processed":["c","a","b"]}', targets))).toMatchObject({
      code: 'response-unexpected',
    });
  });
});
