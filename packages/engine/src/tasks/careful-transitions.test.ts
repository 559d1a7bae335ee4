import { ConnectorError, type ConnectorErrorCode } from '@expunge/core';
import { describe, expect, it } from 'vitest';
import { AutoClock } from '../../test/auto-clock.ts';
import { MemoryVendor } from '../../test/memory-vendor.ts';
import type { LedgerTask } from '../ledger/ledger.ts';
import { transitionAfterCheck } from './after-check.ts';
import { type ConnectorFacts, transition } from './transition.ts';

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
const checked = { index: 0, readBefore: 'unread' } as const;
const submissionAfter = (jobs: number) => ({ jobs, submittedAt: now, targets: 1, dueAt: now + 86_400_000, callId: 1 });

describe('what the vendor no longer knows', () => {
  const lost = { state: 'lost', vendorStatus: 'LOST' } as const;

  it('is sent again where a repeat does no harm, up to the third job', () => {
    expect(transitionAfterCheck(facts('harmless'), checked, lost, submissionAfter(2), now)).toMatchObject({
      state: 'ready',
    });
    expect(transitionAfterCheck(facts('harmless'), checked, lost, submissionAfter(3), now)).toMatchObject({
      state: 'failed',
    });
  });

  it('is not sent again where a repeat is costly', () => {
    expect(transitionAfterCheck(facts('costly'), checked, lost, submissionAfter(1), now)).toMatchObject({
      state: 'failed',
    });
  });
});

describe('a failed read before the deletion', () => {
  const hour = 3_600_000;
  const before = (reads: number): LedgerTask => ({
    id: 1,
    request: 1,
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
    readBy: now + 6 * hour,
    contradictions: 0,
    reads,
  });
  const after = (code: ConnectorErrorCode, reads: number, retryAt: number, isAlone = true) => {
    const error = new ConnectorError({ code, vendor: 'memory', message: 'It failed.' });
    const failure = { error, retryAt, isAlone };
    return transition(facts('harmless'), before(reads), { type: 'read-before-failed', failure }, now);
  };

  it.each(['timed-out', 'vendor-unavailable', 'permission-missing', 'credentials-rejected', 'setup-wrong'] as const)(
    'is tried again after %s as long as the deletion may wait',
    (code) => {
      expect(after(code, 0, now + 1)).toMatchObject({ state: 'pre-read', reason: code, reads: 1, nextAt: now + 1 });
      expect(after(code, 40, now + 1)).toMatchObject({ state: 'pre-read', reads: 41 });
      expect(after(code, 3, now + 5 * hour)).toMatchObject({ state: 'pre-read', nextAt: now + 5 * hour });
      expect(after(code, 3, now + 6 * hour)).toMatchObject({
        state: 'ready',
        readBefore: 'unread',
        unreadReason: code,
      });
    },
  );

  it('is over where the vendor refuses the target itself, and is asked for alone before that', () => {
    expect(after('request-rejected', 0, now, false)).toMatchObject({ state: 'pre-read', nextAt: now });
    expect(after('request-rejected', 0, now)).toMatchObject({ state: 'ready', unreadReason: 'request-rejected' });
  });
});
