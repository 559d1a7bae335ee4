import { ConnectorError, connectorIssues, type Target, targetSchema } from '@expunge/core';
import { type Sandbox, startSandbox } from '@expunge/vendor-sandbox';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { timeoutForFault } from '../../../tools/timeout-for-fault.ts';
import { createSegmentConnector } from './segment-connector.ts';
import type { SegmentIdentifierOptions } from './segment-options.ts';

const fiveMinutesMs = 5 * 60_000;

let sandbox: Sandbox<'segment'>;
beforeEach(async () => {
  sandbox = await startSandbox({ vendors: ['segment'] });
});
afterEach(async () => {
  await sandbox.close();
});

function connect(options: Partial<SegmentIdentifierOptions> = {}) {
  const { spaceToken, spaceId } = sandbox.segment.credentials;
  return createSegmentConnector({
    api: 'identifier',
    token: spaceToken,
    spaceId,
    baseUrl: sandbox.segment.url,
    identifierTypes: ['email', 'phone', 'user_id'],
    timeoutMs: 300_000,
    ...options,
  });
}

function target(type: string, value: string, userId: string): Target {
  return { type, value, details: { user_id: userId } };
}

const ada = target('email', 'ada@example.test', 'ada');

function seedAdaAndBert(): void {
  sandbox.segment.seed([
    { userId: 'ada', externalIds: ['email:ada@example.test', 'phone:+49301'] },
    { userId: 'bert', externalIds: ['email:bert@example.test'] },
  ]);
}

async function errorOf(call: Promise<unknown> | undefined): Promise<ConnectorError> {
  const result = await Promise.resolve(call).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!ConnectorError.isInstance(result)) throw new Error('the call did not fail as a connector fails');
  return result;
}

function answer(status: number, body?: unknown, headers: Record<string, string> = {}): void {
  sandbox.segment.faults.add({ fault: { type: 'status', status, headers, body } });
}

describe('a user id with capitals', () => {
  const mail = target('email', 'joan@example.test', 'Joan-1');

  it('whose identifier was detached by a call with a lost reply is found out to be done', async () => {
    sandbox.segment.seed([{ userId: 'Joan-1', externalIds: ['email:joan@example.test'] }]);
    sandbox.segment.faults.add({ fault: { type: 'reset-after' } });
    expect((await errorOf(connect().submit([mail]))).effect).toBe('in-doubt');
    expect(await connect().submit([mail])).toEqual([{ type: 'absent', vendorStatus: 'eid_not_found' }]);
  });

  it('is not taken for one in lower case, whose profile has no such identifier', async () => {
    sandbox.segment.seed([{ userId: 'joan-1', externalIds: ['phone:+49301'] }]);
    expect(await connect().submit([mail])).toMatchObject([{ type: 'rejected', reason: 'not-addressable' }]);
  });

  it('is not absent where no profile is found: Segment may only look up lower case', async () => {
    expect(await connect().submit([mail])).toMatchObject([{ type: 'rejected', reason: 'not-addressable' }]);
  });

  it('stays open where the profile cannot be read to its end', async () => {
    sandbox.segment.seed([{ userId: 'Joan-1', externalIds: ['phone:+49301'] }]);
    const body = { data: [{ id: '+49301', type: 'phone' }] };
    sandbox.segment.faults.add({ fault: { type: 'status', status: 200, body }, skip: 1 });
    expect(await connect().submit([mail])).toMatchObject([{ type: 'rejected', reason: 'not-addressable' }]);
  });
});

describe('what it says of itself', () => {
  it('keeps the contract and claims to erase nobody', () => {
    const { capabilities } = connect();
    expect(connectorIssues(connect())).toEqual([]);
    expect(capabilities).toMatchObject({ reach: 'identifier', completion: { type: 'immediate' }, repeat: 'harmless' });
    expect(capabilities.erases.join(' ')).toContain('Nobody is erased');
    expect(capabilities.title).toContain('erases nobody');
    expect(capabilities.readBack).toMatchObject({ covers: 'identifier', afterMs: fiveMinutesMs });
    // Profiles with many merges need longer than the five minutes that Segment documents.
    expect(connect({ readBackAfterMs: 3_600_000 }).capabilities.readBack?.afterMs).toBe(3_600_000);
  });

  it('shares 100 calls a second between deletions and look-ups', () => {
    expect(connect().capabilities.limits.rates).toEqual([
      { kinds: ['submit', 'verify', 'access'], calls: 100, perMs: 1_000 },
    ]);
    expect(connect({ limits: { callsPerSecond: 20 } }).capabilities.limits.rates[0]?.calls).toBe(20);
  });

  it('needs the user id and the types to be detached', () => {
    const types = connect({ identifierTypes: ['email'] }).capabilities.identifiers.map(({ type }) => type);
    expect(types).toEqual(['user_id', 'email']);
  });
});

describe('what it addresses', () => {
  const email = { type: 'email', value: 'ada@example.test' };
  const userId = (value: string) => ({ type: 'user_id', value });

  it('is every configured identifier, on the profile of the user id', () => {
    const subject = { identifiers: [email, userId('ada'), { type: 'anonymous_id', value: 'a-1' }, email] };
    expect(connect({ identifierTypes: ['email'] }).targetsOf(subject)).toEqual([ada]);
  });

  it('is nothing without a user id: such a profile cannot be addressed', () => {
    expect(connect().targetsOf({ identifiers: [email] })).toEqual([]);
  });

  it('is each identifier on both profiles where there are two user ids, and user ids by the first only', () => {
    const subject = { identifiers: [userId('ada'), userId('ada-2'), email] };
    expect(connect().targetsOf(subject)).toEqual([
      target('user_id', 'ada', 'ada'),
      target('user_id', 'ada-2', 'ada'),
      target('email', 'ada@example.test', 'ada'),
      target('email', 'ada@example.test', 'ada-2'),
    ]);
  });

  it('is stable, free of repetition, and valid, whatever the subject', () => {
    const identifier = fc.record({
      type: fc.constantFrom('user_id', 'email', 'phone', 'group_id', 'crm_id'),
      value: fc.constantFrom('a', 'b', 'c|d', '["e"]'),
    });
    fc.assert(
      fc.property(fc.array(identifier, { minLength: 1 }), (identifiers) => {
        const targets = connect().targetsOf({ identifiers });
        expect(targets).toEqual(connect().targetsOf({ identifiers }));
        expect(new Set(targets.map((each) => JSON.stringify(each))).size).toBe(targets.length);
        for (const each of targets) {
          expect(targetSchema.safeParse(each).success).toBe(true);
          expect(identifiers).toContainEqual({ type: each.type, value: each.value });
          expect(identifiers).toContainEqual(userId(each.details?.user_id ?? ''));
          expect(['group_id', 'crm_id']).not.toContain(each.type);
        }
      }),
    );
  });
});

describe('detaching', () => {
  it('takes exactly this identifier off exactly this profile', async () => {
    seedAdaAndBert();
    expect(await connect().submit([ada])).toEqual([{ type: 'deleted' }]);
    const { segment } = sandbox;
    expect(segment.hasExternalId('ada', 'email', 'ada@example.test')).toBe(false);
    expect(segment.hasExternalId('ada', 'phone', '+49301')).toBe(true);
    expect(segment.hasExternalId('ada', 'user_id', 'ada')).toBe(true);
    expect(segment.hasExternalId('bert', 'email', 'bert@example.test')).toBe(true);
    expect(segment.hasData('ada')).toBe(true);
  });

  it("leaves another person's identifier alone", async () => {
    seedAdaAndBert();
    expect(await connect().submit([target('email', 'bert@example.test', 'ada')])).toEqual([
      { type: 'absent', vendorStatus: 'eid_not_found' },
    ]);
    expect(sandbox.segment.hasExternalId('bert', 'email', 'bert@example.test')).toBe(true);
  });

  it('reaches odd user ids and identifiers', async () => {
    const odd = 'a+b/c?d#e:f g%20é';
    sandbox.segment.seed([{ userId: odd, externalIds: ['phone:+49 "30" \\ 1'] }, 'a']);
    expect(await connect().submit([target('phone', '+49 "30" \\ 1', odd)])).toEqual([{ type: 'deleted' }]);
    expect(sandbox.segment.hasExternalId(odd, 'phone', '+49 "30" \\ 1')).toBe(false);
  });

  it('detaches a second user id and keeps the first', async () => {
    sandbox.segment.seed([{ userId: 'ada', externalIds: ['user_id:ada-2'] }]);
    expect(await connect().submit([target('user_id', 'ada-2', 'ada')])).toEqual([{ type: 'deleted' }]);
    expect(sandbox.segment.hasExternalId('ada', 'user_id', 'ada')).toBe(true);
    expect(sandbox.segment.hasExternalId('ada', 'user_id', 'ada-2')).toBe(false);
  });

  it('is absent where there is no such profile', async () => {
    expect(await connect().submit([ada])).toEqual([{ type: 'absent', vendorStatus: 'not_found' }]);
  });

  it('takes no miss for an absence where the case of the user id leaves it open', async () => {
    const email = target('email', 'ada@example.test', 'Ada');
    expect(await connect().submit([email])).toMatchObject([
      { type: 'rejected', reason: 'not-addressable', vendorStatus: 'not_found' },
    ]);
    // The look-up goes by lower case, and there it finds another person's profile, on which the email is not.
    sandbox.segment.seed(['ada', { userId: 'Ada', externalIds: ['email:ada@example.test'] }]);
    expect(await connect().submit([email])).toMatchObject([
      { type: 'rejected', reason: 'not-addressable', vendorStatus: 'eid_not_found' },
    ]);
  });

  it('says that a type is unknown to the space', async () => {
    sandbox.segment.seed(['ada']);
    expect(await connect({ identifierTypes: ['shoe_size'] }).submit([target('shoe_size', '42', 'ada')])).toMatchObject([
      { type: 'rejected', reason: 'unsupported', vendorStatus: 'unsupported_eid_type' },
    ]);
  });
});

describe('what is refused without a call', () => {
  it.each<[string, Target]>([
    ['a group id', target('group_id', 'g-1', 'ada')],
    ['the look-up key', target('user_id', 'ada', 'ada')],
    ['the look-up key in another case', target('user_id', 'ADA', 'ada')],
  ])('%s', async (_name, refused) => {
    expect(await connect().submit([refused])).toMatchObject([{ type: 'rejected', reason: 'refused' }]);
    expect(sandbox.segment.requests).toHaveLength(0);
  });

  it('half a character', async () => {
    for (const half of [target('email', '\ud83d', 'ada'), target('email', 'ada@example.test', 'ada\ud83d')]) {
      expect(await connect().submit([half])).toMatchObject([{ type: 'rejected', reason: 'not-addressable' }]);
      expect(await connect().verify?.([half])).toMatchObject([{ type: 'unknown' }]);
    }
    expect(sandbox.segment.requests).toHaveLength(0);
  });

  it('a target without its look-up key', async () => {
    for (const details of [undefined, {}, { user_id: '' }]) {
      const lost: Target = { type: 'email', value: 'ada@example.test', ...(details === undefined ? {} : { details }) };
      expect(await connect().submit([lost])).toMatchObject([{ type: 'rejected', reason: 'not-addressable' }]);
      expect(await connect().verify?.([lost])).toMatchObject([{ type: 'unknown' }]);
    }
    expect(sandbox.segment.requests).toHaveLength(0);
  });

  it('two identifiers at once', async () => {
    expect(await errorOf(connect().submit([ada, ada]))).toMatchObject({ code: 'request-too-large', effect: 'nothing' });
    expect(await errorOf(connect().verify?.([ada, ada]))).toMatchObject({ code: 'request-too-large' });
    expect(await connect().submit([])).toEqual([]);
    expect(await connect().verify?.([])).toEqual([]);
    expect(sandbox.segment.requests).toHaveLength(0);
  });
});

describe('the three 404s, and every other documented answer', () => {
  for (const shape of ['nested', 'flat'] as const) {
    const body = (code: string, message = 'text of the vendor') =>
      shape === 'nested' ? { error: { code, message } } : { code, message };

    it.each<[number, string, object]>([
      [404, 'eid_not_found', { type: 'absent', vendorStatus: 'eid_not_found' }],
      [404, 'not_found', { type: 'absent', vendorStatus: 'not_found' }],
      [400, 'unsupported_eid_type', { type: 'rejected', reason: 'unsupported' }],
      [400, 'bad_request', { type: 'rejected', reason: 'refused', vendorStatus: 'bad_request' }],
    ])(`%i %s, ${shape}, is an outcome`, async (status, code, outcome) => {
      answer(status, body(code));
      expect(await connect().submit([ada])).toMatchObject([outcome]);
    });

    it.each<[number, string, object]>([
      [404, 'source_id_not_found', { code: 'setup-wrong', effect: 'nothing' }],
      [401, 'unauthorized', { code: 'credentials-rejected' }],
      [403, 'forbidden', { code: 'permission-missing' }],
      [429, 'rate_limit_error', { code: 'rate-limited', effect: 'nothing', vendorStatus: 'rate_limit_error' }],
      [404, 'canary', { code: 'response-unexpected', vendorStatus: undefined }],
      [400, 'canary', { code: 'request-rejected', vendorStatus: undefined }],
      // A code that belongs to another status is no outcome.
      [500, 'eid_not_found', { code: 'vendor-unavailable', effect: 'in-doubt' }],
      [200, 'eid_not_found', { code: 'response-unexpected', effect: 'in-doubt' }],
    ])(`%i %s, ${shape}, is an error`, async (status, code, expected) => {
      answer(status, body(code));
      expect(await errorOf(connect().submit([ada]))).toMatchObject(expected);
    });

    it(`a bad request, ${shape}, is told apart by its documented message`, async () => {
      answer(400, body('bad_request', 'invalid URL: valid `user_id` is required. unsupported `email`'));
      expect(await connect().submit([ada])).toMatchObject([{ type: 'rejected', reason: 'not-addressable' }]);
      answer(400, body('bad_request', 'external id specification must differ from lookup id'));
      expect(await connect().submit([ada])).toMatchObject([{ type: 'rejected', reason: 'refused' }]);
      for (const ours of [
        'missing required parameters in URL',
        'invalid collection: `x`',
        'only one external_id can be deleted at a time',
      ]) {
        answer(400, body('bad_request', ours));
        expect(await errorOf(connect().submit([ada]))).toMatchObject({ code: 'request-rejected' });
      }
    });

    it(`the sandbox's own refusals, ${shape}`, async () => {
      sandbox.segment.settings.profileErrorShape = shape;
      seedAdaAndBert();
      sandbox.segment.settings.spaceHasSource = false;
      expect(await errorOf(connect().submit([ada]))).toMatchObject({
        code: 'setup-wrong',
        vendorStatus: 'source_id_not_found',
      });
      sandbox.segment.settings.spaceHasSource = true;
      sandbox.segment.settings.identifierDeletionEnabled = false;
      expect(await errorOf(connect().submit([ada]))).toMatchObject({ code: 'permission-missing' });
      expect(await errorOf(connect({ token: 'wrong-token' }).submit([ada]))).toMatchObject({
        code: 'credentials-rejected',
      });
      expect(sandbox.segment.hasExternalId('ada', 'email', 'ada@example.test')).toBe(true);
    });
  }

  it.each<[string, unknown, boolean]>([
    ['code success', { code: 'success', message: 'external identifier has been deleted' }, true],
    ['code success inside', { data: { code: 'success' }, error: null }, true],
    ['an empty object', {}, false],
    ['other fields', { data: { anything: 1 } }, false],
    ['an error', { error: { message: 'x' } }, false],
    ['an error that says success', { error: { code: 'success' } }, false],
    ['a list', [], false],
    ['a number', '0', false],
    ['nothing', '', false],
    ['text', 'success', false],
  ])('HTTP 200 with %s', async (_name, body, isSuccess) => {
    answer(200, body);
    const result = connect().submit([ada]);
    if (isSuccess) expect(await result).toEqual([{ type: 'deleted' }]);
    else expect(await errorOf(result)).toMatchObject({ code: 'response-unexpected', effect: 'in-doubt' });
  });

  it('a 404 of somebody else than Segment is a wrong address', async () => {
    answer(404, '<html>no such page</html>');
    expect(await errorOf(connect().submit([ada]))).toMatchObject({ code: 'setup-wrong' });
  });

  it('another status than 200 is no success, whatever its body', async () => {
    answer(202, { code: 'success' });
    expect(await errorOf(connect().submit([ada]))).toMatchObject({ code: 'response-unexpected' });
  });

  it('waits as long as a 429 asks for', async () => {
    for (const [headers, waitMs] of [
      [{ 'retry-after': '3' }, 3_000],
      [{ 'x-ratelimit-reset': '9' }, 9_000],
      [{ date: 'Mon, 05 Jan 2026 10:00:00 GMT', 'retry-after': 'Mon, 05 Jan 2026 10:01:00 GMT' }, 60_000],
    ] as const) {
      answer(429, { error: { code: 'rate_limit_error' } }, headers);
      expect(await errorOf(connect().submit([ada]))).toMatchObject({ retryAfterMs: waitMs });
    }
  });
});

describe('faults on the way', () => {
  it.each(['html', 'truncated', 'enormous', 'hang-after', 'reset-after', 'reset-before'] as const)(
    '%s is in doubt, and sending again settles it',
    async (type) => {
      seedAdaAndBert();
      sandbox.segment.faults.add({ fault: type === 'enormous' ? { type, bytes: 20_000_000 } : { type } });
      const timeoutMs = timeoutForFault({ type });
      expect(await errorOf(connect({ timeoutMs }).submit([ada]))).toMatchObject({
        effect: 'in-doubt',
        isRetryable: true,
      });
      const [again] = await connect().submit([ada]);
      expect(['deleted', 'absent']).toContain(again?.type);
      expect(sandbox.segment.hasExternalId('ada', 'email', 'ada@example.test')).toBe(false);
      expect(sandbox.segment.hasExternalId('bert', 'email', 'bert@example.test')).toBe(true);
    },
  );

  it('never shows a person or a token', async () => {
    answer(400, { error: { code: 'bad_request', message: 'canary-person' } });
    const outcomes = await connect().submit([target('email', 'canary-person', 'canary-user')]);
    expect(JSON.stringify(outcomes)).not.toContain('canary');
    const error = await errorOf(
      connect({ token: 'canary-token' }).submit([target('email', 'canary-person', 'canary-user')]),
    );
    expect(`${error.message}${error.stack}${JSON.stringify(error)}`).not.toContain('canary');
  });
});

describe('reading back', () => {
  it('sees the identifier before, and not after, once the delay has passed', async () => {
    seedAdaAndBert();
    const connector = connect();
    expect(await connector.verify?.([ada])).toEqual([{ type: 'present' }]);
    await connector.submit([ada]);
    sandbox.clock.advance(connector.capabilities.readBack?.afterMs ?? 0);
    expect(await connector.verify?.([ada])).toEqual([{ type: 'absent' }]);
    expect(await connector.verify?.([target('phone', '+49301', 'ada')])).toEqual([{ type: 'present' }]);
  });

  it('knows no case', async () => {
    sandbox.segment.seed([{ userId: 'ada', externalIds: ['email:Ada@Example.test'] }]);
    expect(await connect().verify?.([target('email', 'ADA@example.test', 'ADA')])).toEqual([{ type: 'present' }]);
  });

  it('does not take the value under another type for the identifier', async () => {
    sandbox.segment.seed([{ userId: 'ada', externalIds: ['crm_id:42'] }]);
    expect(await connect().verify?.([target('phone', '42', 'ada')])).toEqual([{ type: 'absent' }]);
  });

  it('reads every page', async () => {
    const externalIds = Array.from({ length: 250 }, (_, n) => `anonymous_id:a-${n}`);
    sandbox.segment.seed([{ userId: 'ada', externalIds }]);
    const found = await Promise.all(
      ['a-0', 'a-130', 'a-249', 'a-250'].map((id) => connect().verify?.([target('anonymous_id', id, 'ada')])),
    );
    expect(found.flat().map((outcome) => outcome?.type)).toEqual(['present', 'present', 'present', 'absent']);
  });

  it('is absent where the profile is gone', async () => {
    expect(await connect().verify?.([ada])).toEqual([{ type: 'absent' }]);
  });

  it.each<[string, unknown]>([
    ['without a cursor', { data: [] }],
    ['that goes on nowhere', { data: [], cursor: { has_more: true, next: '' } }],
    ['that goes round in circles', { data: [], cursor: { has_more: true, next: 'a' } }],
  ])('is unknown with a list %s', async (_name, body) => {
    sandbox.segment.faults.add({ fault: { type: 'status', status: 200, body }, times: 30 });
    expect(await connect().verify?.([ada])).toMatchObject([{ type: 'unknown' }]);
  });

  it('is not absent because the profile goes missing between two pages', async () => {
    answer(200, { data: [], cursor: { has_more: true, next: 'b' } });
    answer(404, { error: { code: 'not_found' } });
    expect(ConnectorError.isInstance(await errorOf(connect().verify?.([ada])))).toBe(true);
  });

  it('fails, and never says absent, for any other answer', async () => {
    for (const status of [400, 401, 403, 404, 429, 500, 503, 204]) {
      answer(status, { error: { code: status === 404 ? 'source_id_not_found' : 'x' } });
      expect(ConnectorError.isInstance(await errorOf(connect().verify?.([ada])))).toBe(true);
    }
    answer(404, '<html></html>');
    expect(await errorOf(connect().verify?.([ada]))).toMatchObject({ code: 'setup-wrong' });
    sandbox.segment.faults.add({ fault: { type: 'html' } });
    expect(await errorOf(connect().verify?.([ada]))).toMatchObject({ code: 'response-unexpected' });
  });
});

describe('access', () => {
  it('is proven by a look-up of nobody, and says what stays open', async () => {
    seedAdaAndBert();
    const report = await connect().checkAccess();
    expect(report.proven).toHaveLength(1);
    expect(report.unproven).toHaveLength(2);
    expect(sandbox.segment.requests.map(({ method }) => method)).toEqual(['GET']);
  });

  it('is refused for a wrong token, and not proven by a web page', async () => {
    expect(await errorOf(connect({ token: 'wrong-token' }).checkAccess())).toMatchObject({
      code: 'credentials-rejected',
    });
    sandbox.segment.faults.add({ fault: { type: 'html' } });
    expect(await errorOf(connect().checkAccess())).toMatchObject({ code: 'response-unexpected' });
  });
});
