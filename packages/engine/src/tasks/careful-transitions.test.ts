import { ConnectorError } from '@expunge/core';
import { describe, expect, it } from 'vitest';
import { AutoClock } from '../../test/auto-clock.ts';
import { MemoryVendor } from '../../test/memory-vendor.ts';
import type { LedgerTask } from '../ledger/ledger.ts';
import { type ConnectorFacts, transition, transitionAfterCheck } from './transition.ts';

// Where the careless way would send twice, or claim more than is known.

const { capabilities } = new MemoryVendor({ clock: new AutoClock() }).connector;
const facts = (repeat: 'harmless' | 'costly'): ConnectorFacts => ({
  capabilities: { ...capabilities, repeat },
  hasCheck: true,
  hasRecover: false,
  verify: 'before-and-after',
  maxAttempts: 60,
});
const now = Date.UTC(2026, 0, 5);

describe('what the vendor no longer knows', () => {
  const lost = { state: 'lost', vendorStatus: 'LOST' } as const;

  it('is sent again where a repeat does no harm, up to the third job', () => {
    expect(transitionAfterCheck(facts('harmless'), lost, { jobs: 2, submittedAt: now }, now)).toMatchObject({
      state: 'ready',
    });
    expect(transitionAfterCheck(facts('harmless'), lost, { jobs: 3, submittedAt: now }, now)).toMatchObject({
      state: 'failed',
    });
  });

  it('is not sent again where a repeat is costly', () => {
    expect(transitionAfterCheck(facts('costly'), lost, { jobs: 1, submittedAt: now }, now)).toMatchObject({
      state: 'failed',
    });
  });
});

it.each([
  ['for good', 'permission-missing', 0],
  ['for the third time', 'timed-out', 2],
] as const)('a read before the deletion that failed %s has seen nobody', (_how, code, reads) => {
  const task: LedgerTask = {
    id: 1,
    state: 'pre-read',
    target: { type: 'id', value: 'somebody' },
    attempts: 0,
    callId: undefined,
    bisectedBatch: undefined,
    claim: undefined,
    vendorStatus: undefined,
    reason: undefined,
    message: undefined,
    readBefore: 'unread',
    unreadReason: undefined,
    contradictions: 0,
    reads,
  };
  const error = new ConnectorError({ code, vendor: 'memory', message: 'It failed.' });
  expect(transition(facts('harmless'), task, { type: 'read-before-failed', error, retryAt: now }, now)).toMatchObject({
    state: 'ready',
    readBefore: 'unread',
    unreadReason: code,
  });
});
