import type { ConnectorErrorCode } from '@expunge/core';
import { type Fault, startSandbox } from '@expunge/vendor-sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  cancel,
  check,
  codeOf,
  dayMs,
  hourMs,
  type MixpanelOnly,
  people,
  remaining,
  submitOne,
  taskIds,
} from '../test/sandbox-account.ts';

let sandbox: MixpanelOnly;

beforeEach(async () => {
  sandbox = await startSandbox({ vendors: ['mixpanel'] });
  sandbox.mixpanel.seed(people);
});

afterEach(() => sandbox.close());

describe('check', () => {
  it('follows a task from word to word under the vendor clock', async () => {
    const receipt = await submitOne(sandbox, 'ada');
    expect(await check(sandbox, receipt)).toEqual({ state: 'pending', vendorStatus: 'PENDING', canCancel: true });
    sandbox.clock.advance(hourMs);
    expect(await check(sandbox, receipt)).toEqual({ state: 'pending', vendorStatus: 'STAGING', canCancel: true });
    sandbox.clock.advance(dayMs);
    expect(await check(sandbox, receipt)).toEqual({ state: 'pending', vendorStatus: 'STARTED', canCancel: false });
    expect(remaining(sandbox)).toEqual(people);
    sandbox.clock.advance(2 * dayMs);
    expect(await check(sandbox, receipt)).toEqual({ state: 'deleted', vendorStatus: 'SUCCESS' });
    expect(remaining(sandbox)).toEqual(['grace', 'mary']);
  });

  it.each([
    ['PENDING', { state: 'pending', canCancel: true }],
    ['STAGING', { state: 'pending', canCancel: true }],
    ['STARTED', { state: 'pending', canCancel: false }],
    ['SUCCESS', { state: 'deleted' }],
    ['FAILURE', { state: 'failed', canSubmitAgain: true, canBisect: true }],
    ['REVOKED', { state: 'cancelled' }],
    ['NOT_FOUND', { state: 'lost' }],
    ['UNKNOWN', { state: 'pending' }],
  ] as const)('reads %s', async (status, outcome) => {
    const receipt = await submitOne(sandbox, 'ada');
    sandbox.mixpanel.forceTaskStatus(taskIds(sandbox)[0] ?? '', status);
    expect(await check(sandbox, receipt)).toEqual({ ...outcome, vendorStatus: status });
  });

  it('asks about its own task among others', async () => {
    const ada = await submitOne(sandbox, 'ada');
    const grace = await submitOne(sandbox, 'grace');
    sandbox.mixpanel.forceTaskStatus(taskIds(sandbox)[1] ?? '', 'FAILURE');
    expect(await check(sandbox, ada)).toMatchObject({ state: 'pending' });
    expect(await check(sandbox, grace)).toMatchObject({ state: 'failed' });
  });

  it.each<[string, Fault, string]>([
    [
      'an undocumented word',
      { type: 'status', status: 200, body: { status: 'ok', results: { status: 'DONE' } } },
      'undocumented-word',
    ],
    [
      "Mixpanel's own 404 without a word",
      { type: 'status', status: 404, body: { error: 'Task not found', status: 'error' } },
      'HTTP-404',
    ],
  ])(
    'says that %s does not tell how the task stands, so that it is given up in the end',
    async (_case, fault, word) => {
      const receipt = await submitOne(sandbox, 'ada');
      sandbox.mixpanel.faults.add({ fault });
      expect(await check(sandbox, receipt)).toEqual({
        state: 'unknown',
        vendorStatus: word,
        reason: expect.any(String),
      });
    },
  );

  it.each(['ok-200', 'word-404'] as const)('reads a task that Mixpanel lost as lost: %s', async (taskNotFound) => {
    sandbox.mixpanel.settings.taskNotFound = taskNotFound;
    const gone = { taskIds: ['1700000000000009999'], ours: true };
    expect(await check(sandbox, gone, 'ada')).toEqual({ state: 'lost', vendorStatus: 'NOT_FOUND' });
  });

  it('does not take a bare 404 for a lost task, nor for a broken set-up', async () => {
    const receipt = await submitOne(sandbox, 'ada');
    sandbox.mixpanel.faults.add({ fault: { type: 'status', status: 404, body: 'Not Found' } });
    expect(await codeOf(check(sandbox, receipt))).toBe('response-unexpected');
  });

  it.each<[string, Fault, ConnectorErrorCode]>([
    ['no word', { type: 'status', status: 200, body: { status: 'ok', results: {} } }, 'response-unexpected'],
    ['HTTP 401', { type: 'status', status: 401, body: { error: 'ada', status: 'error' } }, 'credentials-rejected'],
    ['HTTP 403', { type: 'status', status: 403, body: { error: 'ada', status: 'error' } }, 'permission-missing'],
    ['HTTP 502', { type: 'status', status: 502 }, 'vendor-unavailable'],
    ['a reset', { type: 'reset-before' }, 'connection-lost'],
    ['a web page', { type: 'html' }, 'response-unexpected'],
    ['half an answer', { type: 'truncated' }, 'connection-lost'],
  ])('guesses nothing about %s', async (_case, fault, code) => {
    const receipt = await submitOne(sandbox, 'ada');
    sandbox.mixpanel.faults.add({ fault });
    expect(await codeOf(check(sandbox, receipt))).toBe(code);
  });

  it.each([[{}], [{ taskIds: [], ours: true }], [{ regulationId: '1' }]])(
    'refuses the foreign receipt %o',
    async (receipt) => {
      expect(await codeOf(check(sandbox, receipt))).toBe('request-rejected');
      expect(await codeOf(cancel(sandbox, receipt))).toBe('request-rejected');
      expect(sandbox.mixpanel.requests).toEqual([]);
    },
  );
});
