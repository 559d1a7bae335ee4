import type { ConnectorErrorCode } from '@expunge/core';
import { type Fault, mixpanelSandboxCredentials, startSandbox } from '@expunge/vendor-sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { timeoutForFault } from '../../../tools/timeout-for-fault.ts';
import { codeOf, connectProfile, hourMs, type MixpanelOnly, people, reader, targets } from '../test/sandbox-account.ts';
import type { MixpanelProfileOptions } from './index.ts';

const { projectId, serviceAccount, strangerServiceAccount } = mixpanelSandboxCredentials;

let sandbox: MixpanelOnly;

beforeEach(async () => {
  sandbox = await startSandbox({ vendors: ['mixpanel'] });
  sandbox.mixpanel.seed(people);
});

afterEach(() => sandbox.close());

describe('submit', () => {
  it('removes the profiles that were named, leaves their events, and touches nobody else', async () => {
    const outcomes = await connectProfile(sandbox).submit(targets('ada', 'grace'));
    expect(outcomes).toEqual([{ type: 'accepted' }, { type: 'accepted' }]);
    expect(sandbox.mixpanel.profileIds()).toEqual(['mary']);
    expect(['ada', 'grace', 'mary'].map((id) => sandbox.mixpanel.hasEvents(id))).toEqual([true, true, true]);
    expect(sandbox.mixpanel.requests).toMatchObject([
      { method: 'POST', path: '/engage', query: 'verbose=1&strict=1', status: 200, acted: true },
    ]);
  });

  it.each(['ada lovelace+1@example.com', 'ада/؟&=%2F', '💐', '"quoted\\"', ' ada ', '0'])(
    'removes exactly the id %j',
    async (value) => {
      sandbox.mixpanel.seed([value]);
      await connectProfile(sandbox).submit(targets(value));
      expect(sandbox.mixpanel.profileIds()).toEqual(['ada', 'grace', 'mary']);
    },
  );

  it('takes 2,000 targets in one call, and no more', async () => {
    const values = Array.from({ length: 2001 }, (_, index) => `person-${index}`);
    sandbox.mixpanel.seed(values);
    expect(await codeOf(connectProfile(sandbox).submit(targets(...values)))).toBe('request-too-large');
    expect(sandbox.mixpanel.requests).toEqual([]);
    expect(await connectProfile(sandbox).submit(targets(...values.slice(1)))).toHaveLength(2000);
    expect(sandbox.mixpanel.requests).toHaveLength(1);
    expect(sandbox.mixpanel.profileIds()).toEqual(['ada', 'grace', 'mary', 'person-0']);
  });

  it('keeps to the limit of the options', async () => {
    expect(await codeOf(connectProfile(sandbox, { limits: { maxTargets: 1 } }).submit(targets('ada', 'grace')))).toBe(
      'request-too-large',
    );
    expect(sandbox.mixpanel.requests).toEqual([]);
  });

  it('sends nothing for nobody, and nothing for a target of another type', async () => {
    const email = { type: 'email', value: 'ada@example.com' };
    const rejected = { type: 'rejected', reason: 'unsupported', message: expect.any(String) };
    expect(await connectProfile(sandbox).submit([])).toEqual([]);
    expect(await connectProfile(sandbox).submit([email, email])).toEqual([rejected, rejected]);
    // The caller splits such a call until the other type stands alone.
    expect(await codeOf(connectProfile(sandbox).submit([...targets('ada'), email]))).toBe('request-rejected');
    expect(sandbox.mixpanel.requests).toEqual([]);
  });

  it('removes the original behind an alias, unless the alias is to be ignored', async () => {
    sandbox.mixpanel.seed([
      { distinctId: 'joan', aliases: ['joan-old'] },
      { distinctId: 'emmy', aliases: ['emmy-old'] },
    ]);
    await connectProfile(sandbox, { ignoreAlias: true }).submit(targets('joan-old'));
    await connectProfile(sandbox, { ignoreAlias: false }).submit(targets('emmy-old'));
    expect(sandbox.mixpanel.profileIds()).toEqual(['ada', 'grace', 'mary', 'joan']);
  });

  it('is accepted also by a project that does not exist, so it is never more than accepted', async () => {
    const outcomes = await connectProfile(sandbox, { projectToken: 'test-token' }).submit(targets('ada'));
    expect(outcomes).toEqual([{ type: 'accepted' }]);
    expect(sandbox.mixpanel.hasProfile('ada')).toBe(true);
  });

  it('may be repeated', async () => {
    await connectProfile(sandbox).submit(targets('ada'));
    expect(await connectProfile(sandbox).submit(targets('ada'))).toEqual([{ type: 'accepted' }]);
  });

  it.each(['count-and-errors', 'count-only', 'errors-only'] as const)(
    'refuses the whole call where one record is malformed, in spite of HTTP 200 (%s)',
    async (strictFailure) => {
      sandbox.mixpanel.settings.strictFailure = strictFailure;
      const malformed = { type: 'distinct_id', value: '' };
      expect(await codeOf(connectProfile(sandbox).submit([...targets('ada'), malformed]))).toBe('request-rejected');
      expect(await codeOf(connectProfile(sandbox).submit([malformed]))).toBe('request-rejected');
      expect(sandbox.mixpanel.requests.map(({ status }) => status)).toEqual([200, 200]);
      expect(sandbox.mixpanel.profileIds()).toEqual(expect.arrayContaining(['grace', 'mary']));
    },
  );

  it.each<[string, 'no error' | ConnectorErrorCode]>([
    ['1', 'no error'],
    ['0', 'request-rejected'],
    ['', 'response-unexpected'],
    ['ok', 'response-unexpected'],
  ])('reads the plain text %j', async (body, code) => {
    const headers = { 'content-type': 'text/plain' };
    sandbox.mixpanel.faults.add({ fault: { type: 'status', status: 200, headers, body }, path: /^\/engage/ });
    expect(await codeOf(connectProfile(sandbox).submit(targets('ada')))).toBe(code);
  });
});

describe('what goes wrong', () => {
  it.each<[string, Fault, ConnectorErrorCode, boolean]>([
    ['a reset before Mixpanel acted', { type: 'reset-before' }, 'connection-lost', false],
    ['a reset after Mixpanel acted', { type: 'reset-after' }, 'connection-lost', true],
    ['silence before Mixpanel acted', { type: 'hang-before' }, 'timed-out', false],
    ['silence after Mixpanel acted', { type: 'hang-after' }, 'timed-out', true],
    [
      'HTTP 401',
      { type: 'status', status: 401, body: { error: 'ada', status: 'error' } },
      'credentials-rejected',
      false,
    ],
    ['HTTP 403', { type: 'status', status: 403, body: { error: 'ada', status: 'error' } }, 'permission-missing', false],
    ['HTTP 413', { type: 'status', status: 413 }, 'request-too-large', false],
    ['HTTP 429', { type: 'status', status: 429 }, 'rate-limited', false],
    ['HTTP 500', { type: 'status', status: 500 }, 'vendor-unavailable', false],
    ['HTTP 503', { type: 'status', status: 503 }, 'vendor-unavailable', false],
    ['HTTP 503 after Mixpanel acted', { type: 'status', status: 503, acted: true }, 'vendor-unavailable', true],
    ['a redirect', { type: 'status', status: 302, headers: { location: '/engage' } }, 'response-unexpected', false],
    ['a web page', { type: 'html' }, 'response-unexpected', false],
    ['half an answer', { type: 'truncated' }, 'connection-lost', true],
    ['an enormous answer', { type: 'enormous', bytes: 9 * 1024 * 1024 }, 'response-unexpected', true],
  ])('%s is told by its code, and a repeat makes it good', async (_case, fault, code, hasActed) => {
    sandbox.mixpanel.faults.add({ fault });
    expect(await codeOf(connectProfile(sandbox, { timeoutMs: timeoutForFault(fault) }).submit(targets('ada')))).toBe(
      code,
    );
    expect(sandbox.mixpanel.hasProfile('ada')).toBe(!hasActed);
    expect(await connectProfile(sandbox).submit(targets('ada'))).toEqual([{ type: 'accepted' }]);
    expect(sandbox.mixpanel.profileIds()).toEqual(['grace', 'mary']);
  });

  it.each<[Record<string, string>, number]>([
    [{ 'retry-after': '7' }, 7000],
    [{ date: 'Mon, 05 Jan 2026 10:00:00 GMT', 'retry-after': 'Mon, 05 Jan 2026 10:01:00 GMT' }, 60_000],
    [{ 'x-ratelimit-reset': '30' }, 30_000],
  ])('passes on how long to wait: %o', async (headers, retryAfterMs) => {
    sandbox.mixpanel.faults.add({ fault: { type: 'status', status: 429, headers } });
    await expect(connectProfile(sandbox).submit(targets('ada'))).rejects.toMatchObject({
      code: 'rate-limited',
      retryAfterMs,
    });
  });

  it('says that nothing happened where nobody listens', async () => {
    const { url } = sandbox.mixpanel;
    await sandbox.close();
    expect(await codeOf(connectProfile(sandbox, { baseUrl: url }).submit(targets('ada')))).toBe('connection-failed');
  });

  it('ends early by the signal', async () => {
    const controller = new AbortController();
    controller.abort();
    expect(await codeOf(connectProfile(sandbox).submit(targets('ada'), { signal: controller.signal }))).toBe(
      'not-sent',
    );
    expect(sandbox.mixpanel.requests).toEqual([]);
  });
});

describe('verify', () => {
  it('reads many targets in one call, in order, and changes nothing', async () => {
    const outcomes = await connectProfile(sandbox, reader).verify?.(targets('mary', 'nobody', 'ada'));
    expect(outcomes).toEqual([{ type: 'present' }, { type: 'absent' }, { type: 'present' }]);
    expect(sandbox.mixpanel.requests).toMatchObject([{ method: 'POST', path: '/api/query/engage', acted: false }]);
    expect(sandbox.mixpanel.profileIds()).toEqual(['ada', 'grace', 'mary']);
  });

  it('does not ask about a target of another type, and says so', async () => {
    const connector = connectProfile(sandbox, reader);
    const email = { type: 'email', value: 'ada' };
    expect(await connector.verify?.([email])).toMatchObject([{ type: 'unknown' }]);
    expect(sandbox.mixpanel.requests).toEqual([]);
    expect(await connector.verify?.([email, ...targets('ada'), email, ...targets('nobody')])).toMatchObject([
      { type: 'unknown' },
      { type: 'present' },
      { type: 'unknown' },
      { type: 'absent' },
    ]);
  });

  it('shows a deletion when it has taken place, not when it was accepted', async () => {
    sandbox.mixpanel.settings.profileDeletionDelayMs = hourMs;
    const connector = connectProfile(sandbox, reader);
    await connector.submit(targets('ada'));
    expect(await connector.verify?.(targets('ada', 'grace'))).toEqual([{ type: 'present' }, { type: 'present' }]);
    sandbox.clock.advance(hourMs);
    expect(await connector.verify?.(targets('ada', 'grace'))).toEqual([{ type: 'absent' }, { type: 'present' }]);
  });

  it('compares ids as strings', async () => {
    sandbox.mixpanel.seed(['13793']);
    sandbox.mixpanel.settings.numericDistinctIds = true;
    expect(await connectProfile(sandbox, reader).verify?.(targets('13793', 'ada'))).toEqual([
      { type: 'present' },
      { type: 'present' },
    ]);
  });

  it('asks for 1,000 at once, and sends no more', async () => {
    const values = Array.from({ length: 1001 }, (_, index) => `person-${index}`);
    sandbox.mixpanel.seed(values.slice(0, 600));
    expect(await codeOf(connectProfile(sandbox, reader).verify?.(targets(...values)))).toBe('request-too-large');
    expect(sandbox.mixpanel.requests).toEqual([]);
    const outcomes = (await connectProfile(sandbox, reader).verify?.(targets(...values.slice(0, 1000)))) ?? [];
    expect(outcomes.filter(({ type }) => type === 'present')).toHaveLength(600);
    expect(outcomes.slice(600).every(({ type }) => type === 'absent')).toBe(true);
    expect(await connectProfile(sandbox, reader).verify?.([])).toEqual([]);
  });

  it('calls nobody absent on a part of the answer', async () => {
    const body = { status: 'ok', page: 0, page_size: 1, total: 2, results: [{ $distinct_id: 'grace' }] };
    sandbox.mixpanel.faults.add({ fault: { type: 'status', status: 200, body } });
    expect(await connectProfile(sandbox, reader).verify?.(targets('ada', 'grace'))).toMatchObject([
      { type: 'unknown' },
      { type: 'present' },
    ]);
  });

  it('is limited by Mixpanel to 60 calls an hour, as stated', async () => {
    const connector = connectProfile(sandbox, reader);
    const [limit] = connector.capabilities.limits.rates.filter(({ kinds }) => kinds.includes('verify'));
    for (let call = 0; call < (limit?.calls ?? 0); call += 1) await connector.verify?.(targets('ada'));
    expect(await codeOf(connector.verify?.(targets('ada')))).toBe('rate-limited');
    sandbox.clock.advance(limit?.perMs ?? 0);
    expect(await codeOf(connector.verify?.(targets('ada')))).toBe('no error');
  });

  it.each<[string, Partial<MixpanelProfileOptions>, ConnectorErrorCode]>([
    ['a wrong secret', { serviceAccount: { ...serviceAccount, secret: 'test-secret' } }, 'credentials-rejected'],
    ['an account outside the project', { serviceAccount: strangerServiceAccount }, 'permission-missing'],
  ])('never calls anybody absent for %s', async (_case, overrides, code) => {
    expect(await codeOf(connectProfile(sandbox, { ...reader, ...overrides }).verify?.(targets('ada')))).toBe(code);
  });

  it.each<[string, Fault, ConnectorErrorCode]>([
    ['a reset', { type: 'reset-before' }, 'connection-lost'],
    ['silence', { type: 'hang-before' }, 'timed-out'],
    ['HTTP 500', { type: 'status', status: 500 }, 'vendor-unavailable'],
    ['a web page', { type: 'html' }, 'response-unexpected'],
    ['half an answer', { type: 'truncated' }, 'connection-lost'],
    ['an enormous answer', { type: 'enormous', bytes: 9 * 1024 * 1024 }, 'response-unexpected'],
    [
      'an answer that is not ok',
      { type: 'status', status: 200, body: { status: 'error', results: [] } },
      'response-unexpected',
    ],
    [
      'results without ids',
      { type: 'status', status: 200, body: { status: 'ok', results: [{}], total: 1 } },
      'response-unexpected',
    ],
  ])('never calls anybody absent for %s', async (_case, fault, code) => {
    sandbox.mixpanel.faults.add({ fault });
    const timeoutMs = timeoutForFault(fault);
    expect(await codeOf(connectProfile(sandbox, { ...reader, timeoutMs }).verify?.(targets('nobody')))).toBe(code);
  });
});

describe('checkAccess', () => {
  it('says that nothing can be proven without a service account, and asks nothing', async () => {
    const report = await connectProfile(sandbox).checkAccess();
    expect(report.proven).toEqual([]);
    expect(report.unproven.join(' ')).toContain('success for any token');
    expect(sandbox.mixpanel.requests).toEqual([]);
  });

  it('proves that the service account sees the project, and says what that leaves open', async () => {
    const report = await connectProfile(sandbox, reader).checkAccess();
    expect(report.proven).toEqual([`The service account sees project ${projectId}.`]);
    expect(report.unproven.join(' ')).toContain('success for any token');
    expect(sandbox.mixpanel.requests).toMatchObject([{ method: 'GET', path: '/api/app/me', acted: false }]);
  });

  it.each<[string, Partial<MixpanelProfileOptions>, ConnectorErrorCode]>([
    ['a wrong secret', { serviceAccount: { ...serviceAccount, secret: 'test-secret' } }, 'credentials-rejected'],
    ['an account outside the project', { serviceAccount: strangerServiceAccount }, 'permission-missing'],
    ['the number of another project', { projectId: 1 }, 'permission-missing'],
  ])('refuses %s', async (_case, overrides, code) => {
    expect(await codeOf(connectProfile(sandbox, { ...reader, ...overrides }).checkAccess())).toBe(code);
  });
});
