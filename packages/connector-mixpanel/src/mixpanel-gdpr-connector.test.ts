import { type ConnectorErrorCode, receiptSchema } from '@expunge/core';
import { type Fault, mixpanelSandboxCredentials, startSandbox } from '@expunge/vendor-sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { timeoutForFault } from '../../../tools/timeout-for-fault.ts';
import {
  cancel,
  check,
  codeOf,
  connectGdpr,
  dayMs,
  type MixpanelOnly,
  people,
  reader,
  remaining,
  secondMs,
  submitAll,
  submitOne,
  targets,
  taskIds,
} from '../test/sandbox-account.ts';
import type { MixpanelGdprOptions } from './index.ts';

const { projectId, strangerOauthToken } = mixpanelSandboxCredentials;

let sandbox: MixpanelOnly;

beforeEach(async () => {
  sandbox = await startSandbox({ vendors: ['mixpanel'] });
  sandbox.mixpanel.seed(people);
});

afterEach(() => sandbox.close());

describe('submit', () => {
  it('files one task for all, which erases them, events and profiles, and nobody else', async () => {
    const receipts = await submitAll(sandbox, 'ada', 'grace');
    expect(sandbox.mixpanel.tasks).toMatchObject([
      { projectId, distinctIds: ['ada', 'grace'], complianceType: 'GDPR' },
    ]);
    expect(receipts).toEqual([
      { taskIds: taskIds(sandbox), ours: true },
      { taskIds: taskIds(sandbox), ours: true },
    ]);
    expect(remaining(sandbox)).toEqual(people);
    sandbox.clock.advance(30 * dayMs);
    expect(remaining(sandbox)).toEqual(['mary']);
  });

  it('files it under CCPA where told to', async () => {
    await connectGdpr(sandbox, { compliance: 'CCPA' }).submit(targets('ada'));
    expect(sandbox.mixpanel.tasks).toMatchObject([{ complianceType: 'CCPA' }]);
  });

  it.each(['object', 'array', 'bare-number'] as const)(
    'keeps the id of a reply of the form %s',
    async (createReply) => {
      sandbox.mixpanel.settings.createReply = createReply;
      const receipt = await submitOne(sandbox, 'ada');
      expect(receipt).toEqual({ taskIds: taskIds(sandbox), ours: true });
      expect(taskIds(sandbox)[0]).toMatch(/^\d{19}$/);
      expect(receiptSchema.parse(JSON.parse(JSON.stringify(receipt)))).toEqual(receipt);
      expect(await check(sandbox, receipt)).toMatchObject({ state: 'pending', vendorStatus: 'PENDING' });
    },
  );

  it('counts a reply without an id as accepted and untracked: the task exists', async () => {
    sandbox.mixpanel.settings.createReply = 'no-id';
    expect(await connectGdpr(sandbox).submit(targets('ada'))).toEqual([{ type: 'accepted' }]);
    sandbox.clock.advance(30 * dayMs);
    expect(remaining(sandbox)).toEqual(['grace', 'mary']);
  });

  it.each(['ada lovelace+1@example.com', 'ада/؟&=%2F', '💐', ' ada ', '0'])(
    'erases exactly the id %j',
    async (value) => {
      sandbox.mixpanel.seed([value]);
      await connectGdpr(sandbox).submit(targets(value));
      sandbox.clock.advance(30 * dayMs);
      expect(sandbox.mixpanel.hasProfile(value) || sandbox.mixpanel.hasEvents(value)).toBe(false);
      expect(remaining(sandbox)).toEqual(people);
    },
  );

  it('keeps to its limit before sending, and Mixpanel takes what it allows at the most', async () => {
    const values = Array.from({ length: 2000 }, (_, index) => `person-${index}`);
    expect(await codeOf(connectGdpr(sandbox).submit(targets(...values.slice(0, 501))))).toBe('request-too-large');
    const largest = connectGdpr(sandbox, { limits: { maxTargets: 1999 } });
    expect(await codeOf(largest.submit(targets(...values)))).toBe('request-too-large');
    expect(sandbox.mixpanel.requests).toEqual([]);
    expect(await largest.submit(targets(...values.slice(1)))).toHaveLength(1999);
  });

  it('fits its batches to the group keys of the project', async () => {
    sandbox.mixpanel.settings.groupKeys = 4;
    const values = Array.from({ length: 500 }, (_, index) => `person-${index}`);
    const fitted = connectGdpr(sandbox, { groupKeys: 4 });
    const { maxTargets } = fitted.capabilities.limits.submit;
    expect(await fitted.submit(targets(...values.slice(0, maxTargets)))).toHaveLength(400);
    sandbox.clock.advance(secondMs);
    // A project with group keys that nobody told us about refuses the default: the caller makes smaller calls then.
    expect(await codeOf(connectGdpr(sandbox).submit(targets(...values)))).toMatch(/^request-(rejected|too-large)$/);
  });

  it('sends nothing for nobody, and nothing for a target of another type', async () => {
    const email = { type: 'email', value: 'ada@example.com' };
    const rejected = { type: 'rejected', reason: 'unsupported', message: expect.any(String) };
    expect(await connectGdpr(sandbox).submit([])).toEqual([]);
    expect(await connectGdpr(sandbox).submit([email, email])).toEqual([rejected, rejected]);
    // The caller splits such a call until the other type stands alone.
    expect(await codeOf(connectGdpr(sandbox).submit([...targets('ada'), email]))).toBe('request-rejected');
    expect(sandbox.mixpanel.requests).toEqual([]);
  });

  it('is limited by Mixpanel to one call a second together with all others, as stated', async () => {
    const receipt = await submitOne(sandbox, 'ada');
    expect(await codeOf(connectGdpr(sandbox).submit(targets('grace')))).toBe('no error');
    expect(await codeOf(connectGdpr(sandbox).check?.(receipt, targets('ada')))).toBe('rate-limited');
    expect(await codeOf(connectGdpr(sandbox).submit(targets('mary')))).toBe('rate-limited');
    sandbox.clock.advance(secondMs);
    expect(await codeOf(connectGdpr(sandbox).check?.(receipt, targets('ada')))).toBe('no error');
    expect(sandbox.mixpanel.tasks).toHaveLength(2);
  });

  it.each<[string, Partial<MixpanelGdprOptions>, ConnectorErrorCode]>([
    ['a token that does not exist', { oauthToken: 'test-oauth' }, 'credentials-rejected'],
    ['a token without rights in the project', { oauthToken: strangerOauthToken }, 'permission-missing'],
  ])('creates nothing with %s', async (_case, overrides, code) => {
    expect(await codeOf(connectGdpr(sandbox, overrides).submit(targets('ada')))).toBe(code);
    expect(sandbox.mixpanel.tasks).toEqual([]);
  });
});

describe('a conflict with another task', () => {
  it('gives the conflicting target that task, and defers the rest, which then goes through', async () => {
    await submitAll(sandbox, 'ada');
    const outcomes = await connectGdpr(sandbox).submit(targets('grace', 'ada', 'mary'));
    expect(outcomes).toEqual([
      { type: 'deferred', reason: 'conflict' },
      { type: 'accepted', receipt: { taskIds: taskIds(sandbox), ours: false } },
      { type: 'deferred', reason: 'conflict' },
    ]);
    expect(sandbox.mixpanel.tasks).toHaveLength(1);
    sandbox.clock.advance(secondMs);
    await submitAll(sandbox, 'grace', 'mary');
    sandbox.clock.advance(30 * dayMs);
    expect(remaining(sandbox)).toEqual([]);
  });

  it('follows several tasks together: deleted only when all are', async () => {
    await submitAll(sandbox, 'ada');
    sandbox.clock.advance(dayMs);
    await submitAll(sandbox, 'grace');
    const receipts = await submitAll(sandbox, 'ada', 'grace');
    expect(receipts).toEqual([
      { taskIds: taskIds(sandbox), ours: false },
      { taskIds: taskIds(sandbox), ours: false },
    ]);
    const [first = '', second = ''] = taskIds(sandbox);
    const receipt = receipts[0] ?? {};
    const connector = connectGdpr(sandbox);
    sandbox.mixpanel.forceTaskStatus(first, 'SUCCESS');
    // One call a second: the first answer is kept, so that the second task has its turn at the next look.
    expect(await codeOf(connector.check?.(receipt, targets('ada', 'grace')))).toBe('rate-limited');
    sandbox.clock.advance(secondMs);
    expect(await connector.check?.(receipt, targets('ada', 'grace'))).toEqual({
      state: 'pending',
      vendorStatus: 'PENDING',
      canCancel: false,
    });
    expect(remaining(sandbox)).toEqual(['grace', 'mary']);
    sandbox.mixpanel.forceTaskStatus(second, 'SUCCESS');
    sandbox.clock.advance(secondMs);
    const deleted = { state: 'deleted', vendorStatus: 'SUCCESS' };
    expect(await connector.check?.(receipt, targets('ada', 'grace'))).toEqual([deleted, deleted]);
    expect(remaining(sandbox)).toEqual(['mary']);
  });

  it("leaves somebody else's task alone, and asks for a task of its own when they call theirs back", async () => {
    const theirs = await submitOne(sandbox, 'ada');
    const ours = await submitOne(sandbox, 'ada');
    sandbox.mixpanel.clearRequests();
    expect(await cancel(sandbox, ours)).toEqual({ type: 'not-ours' });
    expect(sandbox.mixpanel.requests).toEqual([]);
    expect(await cancel(sandbox, theirs)).toEqual({ type: 'cancelled' });
    expect(await check(sandbox, ours)).toEqual({ state: 'failed', vendorStatus: 'REVOKED', canSubmitAgain: true });
    expect(await check(sandbox, theirs)).toEqual({ state: 'cancelled', vendorStatus: 'REVOKED' });
    sandbox.clock.advance(secondMs);
    expect(await submitOne(sandbox, 'ada')).toEqual({ taskIds: [taskIds(sandbox)[1]], ours: true });
    sandbox.clock.advance(30 * dayMs);
    expect(remaining(sandbox)).toEqual(['grace', 'mary']);
  });

  it('that does not say whom it is about is a refusal, for smaller calls to settle', async () => {
    const fault: Fault = { type: 'status', status: 409, body: { status: 'error', error: 'conflict' } };
    sandbox.mixpanel.faults.add({ fault, method: 'POST' });
    expect(await codeOf(connectGdpr(sandbox).submit(targets('ada', 'grace')))).toBe('request-rejected');
  });
});

describe('what goes wrong with a submission', () => {
  it.each<[string, Fault, ConnectorErrorCode, boolean]>([
    ['a reset before Mixpanel acted', { type: 'reset-before' }, 'connection-lost', false],
    ['a reset after Mixpanel acted', { type: 'reset-after' }, 'connection-lost', true],
    ['silence before Mixpanel acted', { type: 'hang-before' }, 'timed-out', false],
    ['silence after Mixpanel acted', { type: 'hang-after' }, 'timed-out', true],
    ['HTTP 400', { type: 'status', status: 400 }, 'request-rejected', false],
    ['HTTP 404', { type: 'status', status: 404 }, 'setup-wrong', false],
    ['HTTP 413', { type: 'status', status: 413 }, 'request-too-large', false],
    ['HTTP 500', { type: 'status', status: 500 }, 'vendor-unavailable', false],
    ['HTTP 503 after Mixpanel acted', { type: 'status', status: 503, acted: true }, 'vendor-unavailable', true],
    ['a redirect', { type: 'status', status: 301, headers: { location: '/' } }, 'response-unexpected', false],
    ['a web page', { type: 'html' }, 'response-unexpected', false],
    ['half an answer', { type: 'truncated' }, 'connection-lost', true],
    ['an enormous answer', { type: 'enormous', bytes: 9 * 1024 * 1024 }, 'response-unexpected', true],
    ['success that is none', { type: 'status', status: 200, body: { status: 'error' } }, 'response-unexpected', false],
  ])('%s is told by its code, and a repeat makes no second task', async (_case, fault, code, hasActed) => {
    sandbox.mixpanel.faults.add({ fault });
    const timeoutMs = timeoutForFault(fault);
    expect(await codeOf(connectGdpr(sandbox, { timeoutMs }).submit(targets('ada')))).toBe(code);
    expect(sandbox.mixpanel.tasks).toHaveLength(hasActed ? 1 : 0);
    sandbox.clock.advance(secondMs);
    const receipt = await submitOne(sandbox, 'ada');
    expect(receipt).toEqual({ taskIds: taskIds(sandbox), ours: !hasActed });
    expect(sandbox.mixpanel.tasks).toHaveLength(1);
    sandbox.clock.advance(4 * dayMs);
    expect(await check(sandbox, receipt)).toMatchObject({ state: 'deleted' });
    expect(remaining(sandbox)).toEqual(['grace', 'mary']);
  });

  it.each<[Record<string, string>, number]>([
    [{ 'retry-after': '7' }, 7000],
    [{ date: 'Mon, 05 Jan 2026 10:00:00 GMT', 'retry-after': 'Mon, 05 Jan 2026 10:01:00 GMT' }, 60_000],
    [{ 'x-ratelimit-reset': '30' }, 30_000],
  ])('passes on how long to wait: %o', async (headers, retryAfterMs) => {
    sandbox.mixpanel.faults.add({ fault: { type: 'status', status: 429, headers } });
    await expect(connectGdpr(sandbox).submit(targets('ada'))).rejects.toMatchObject({
      code: 'rate-limited',
      retryAfterMs,
    });
  });
});

describe('verify', () => {
  it('shows the profile before and after', async () => {
    const connector = connectGdpr(sandbox, reader);
    expect(await connector.verify?.(targets('ada', 'grace'))).toEqual([{ type: 'present' }, { type: 'present' }]);
    await connector.submit(targets('ada'));
    sandbox.clock.advance(30 * dayMs);
    expect(await connector.verify?.(targets('ada', 'grace'))).toEqual([{ type: 'absent' }, { type: 'present' }]);
  });
});

describe('checkAccess', () => {
  it('asks about a task that never was, and creates none', async () => {
    const report = await connectGdpr(sandbox).checkAccess();
    expect(report.proven).toEqual(['Mixpanel takes the OAuth token for questions about deletion tasks.']);
    expect(report.unproven.join(' ')).toContain('shows at the first one');
    expect(sandbox.mixpanel.requests).toMatchObject([{ method: 'GET', acted: false }]);
    expect(sandbox.mixpanel.tasks).toEqual([]);
  });

  it('looks at the service account too', async () => {
    const report = await connectGdpr(sandbox, reader).checkAccess();
    expect(report.proven).toContain(`The service account sees project ${projectId}.`);
  });

  it('does not take a bare 404 for a proof, nor for a refusal', async () => {
    sandbox.mixpanel.settings.taskNotFound = 'error-404';
    const report = await connectGdpr(sandbox).checkAccess();
    expect(report.proven).toEqual([]);
    expect(report.unproven.join(' ')).toContain('did not say');
  });

  it.each<[string, Partial<MixpanelGdprOptions>, ConnectorErrorCode]>([
    ['a token that does not exist', { oauthToken: 'test-oauth' }, 'credentials-rejected'],
    ['a token without rights in the project', { oauthToken: strangerOauthToken }, 'permission-missing'],
  ])('refuses %s', async (_case, overrides, code) => {
    expect(await codeOf(connectGdpr(sandbox, overrides).checkAccess())).toBe(code);
  });

  it('fails where Mixpanel does', async () => {
    sandbox.mixpanel.faults.add({ fault: { type: 'html' } });
    expect(await codeOf(connectGdpr(sandbox).checkAccess())).toBe('response-unexpected');
  });
});
