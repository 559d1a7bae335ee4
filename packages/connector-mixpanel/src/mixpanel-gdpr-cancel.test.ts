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

describe('cancel', () => {
  it('calls a task back before it has begun', async () => {
    const receipt = await submitOne(sandbox, 'ada');
    sandbox.clock.advance(2 * hourMs);
    expect(await cancel(sandbox, receipt)).toEqual({ type: 'cancelled' });
    sandbox.clock.advance(30 * dayMs);
    expect(remaining(sandbox)).toEqual(people);
    expect(await check(sandbox, receipt)).toEqual({ state: 'cancelled', vendorStatus: 'REVOKED' });
  });

  it('calls back only its own task', async () => {
    const receipt = await submitOne(sandbox, 'ada');
    await submitOne(sandbox, 'grace');
    await cancel(sandbox, receipt);
    sandbox.clock.advance(30 * dayMs);
    expect(remaining(sandbox)).toEqual(['ada', 'mary']);
  });

  it('is too late once it has begun', async () => {
    const receipt = await submitOne(sandbox, 'ada');
    sandbox.clock.advance(2 * dayMs);
    expect(await cancel(sandbox, receipt)).toEqual({ type: 'too-late' });
    sandbox.clock.advance(30 * dayMs);
    expect(remaining(sandbox)).toEqual(['grace', 'mary']);
  });

  it.each<[string, Fault, ConnectorErrorCode]>([
    ['HTTP 404', { type: 'status', status: 404 }, 'response-unexpected'],
    ['HTTP 401', { type: 'status', status: 401 }, 'credentials-rejected'],
    ['HTTP 403', { type: 'status', status: 403 }, 'permission-missing'],
    ['HTTP 500', { type: 'status', status: 500 }, 'vendor-unavailable'],
    ['a reset', { type: 'reset-before' }, 'connection-lost'],
  ])('tells %s by its code, and the task goes on', async (_case, fault, code) => {
    const receipt = await submitOne(sandbox, 'ada');
    sandbox.mixpanel.faults.add({ fault, method: 'DELETE' });
    expect(await codeOf(cancel(sandbox, receipt))).toBe(code);
    sandbox.clock.advance(30 * dayMs);
    expect(remaining(sandbox)).toEqual(['grace', 'mary']);
  });

  describe('with room for the confirming call', () => {
    beforeEach(async () => {
      await sandbox.close();
      sandbox = await startSandbox({ vendors: ['mixpanel'], limits: 'off' });
      sandbox.mixpanel.seed(people);
    });

    it('asks the task itself', async () => {
      const receipt = await submitOne(sandbox, 'ada');
      sandbox.mixpanel.clearRequests();
      expect(await cancel(sandbox, receipt)).toEqual({ type: 'cancelled' });
      const path = `/api/app/data-deletions/v3.0/${taskIds(sandbox)[0]}`;
      expect(sandbox.mixpanel.requests).toMatchObject([
        { method: 'DELETE', path, status: 204, acted: true },
        { method: 'GET', path: `${path}/`, status: 200 },
      ]);
    });

    it('does not believe a cancellation that did not take', async () => {
      const receipt = await submitOne(sandbox, 'ada');
      sandbox.mixpanel.faults.add({ fault: { type: 'lie' }, method: 'DELETE' });
      expect(await codeOf(cancel(sandbox, receipt))).toBe('response-unexpected');
      sandbox.mixpanel.faults.add({ fault: { type: 'html' }, method: 'DELETE' });
      expect(await codeOf(cancel(sandbox, receipt))).toBe('response-unexpected');
    });

    it.each([
      ['STARTED', 'too-late'],
      ['SUCCESS', 'too-late'],
      ['FAILURE', 'too-late'],
      ['REVOKED', 'cancelled'],
    ] as const)('believes the task where it says %s', async (status, type) => {
      const receipt = await submitOne(sandbox, 'ada');
      const body = { status: 'ok', results: { status } };
      sandbox.mixpanel.faults.add({ fault: { type: 'status', status: 200, body }, method: 'GET' });
      expect(await cancel(sandbox, receipt)).toEqual({ type });
    });

    it('leaves it open where the task can not be asked', async () => {
      const receipt = await submitOne(sandbox, 'ada');
      sandbox.mixpanel.faults.add({ fault: { type: 'reset-before' }, method: 'GET' });
      expect(await codeOf(cancel(sandbox, receipt))).toBe('connection-lost');
      expect(await check(sandbox, receipt)).toEqual({ state: 'cancelled', vendorStatus: 'REVOKED' });
    });
  });

  it('takes only the documented 204 on its word where there is no room for a second call', async () => {
    const receipt = await submitOne(sandbox, 'ada');
    sandbox.mixpanel.faults.add({ fault: { type: 'status', status: 200, body: {} }, method: 'DELETE' });
    sandbox.mixpanel.faults.add({ fault: { type: 'status', status: 429 }, method: 'GET' });
    expect(await codeOf(cancel(sandbox, receipt))).toBe('rate-limited');
  });
});
