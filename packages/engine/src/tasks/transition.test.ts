import { ConnectorError, connectorErrorCodes } from '@expunge/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AutoClock } from '../../test/auto-clock.ts';
import { MemoryVendor } from '../../test/memory-vendor.ts';
import type { LedgerTask } from '../ledger/ledger.ts';
import { transitionAfterCheck } from './after-check.ts';
import { type TaskState, taskStates } from './task-state.ts';
import { type ConnectorFacts, type TaskEvent, transition } from './transition.ts';
import { nextStates, type TaskEventName, transitions } from './transitions.ts';

const states = Object.keys(transitions) as TaskState[];
const { capabilities } = new MemoryVendor({ clock: new AutoClock() }).connector;

const facts: fc.Arbitrary<ConnectorFacts> = fc.record({
  capabilities: fc.constantFrom(
    capabilities,
    { ...capabilities, readBackAfterMs: 5000 },
    { ...capabilities, repeat: 'costly' as const },
  ),
  hasCheck: fc.boolean(),
  hasRecover: fc.boolean(),
  verify: fc.constantFrom('off', 'after', 'before-and-after'),
  maxAttempts: fc.constantFrom(1, 3, 60),
});

const taskIn = (from: readonly TaskState[]): fc.Arbitrary<LedgerTask> =>
  fc.record({
    id: fc.constant(1),
    request: fc.constant(1),
    state: fc.constantFrom(...from),
    target: fc.constant({ type: 'id', value: 'somebody' }),
    attempts: fc.nat({ max: 61 }),
    callId: fc.constantFrom(undefined, 7),
    bisectedBatch: fc.constantFrom(undefined, 3),
    claim: fc.constantFrom(undefined, 'deleted', 'absent', 'accepted'),
    vendorStatus: fc.constantFrom(undefined, 'DONE'),
    reason: fc.constantFrom(undefined, 'timed-out'),
    message: fc.constantFrom(undefined, 'No answer.'),
    readBefore: fc.constantFrom('present', 'absent', 'unread'),
    unreadReason: fc.constantFrom(undefined, 'read-covers-less'),
    readBy: fc.constantFrom(undefined, 500, 100_000),
    contradictions: fc.nat({ max: 2 }),
    reads: fc.nat({ max: 10 }),
  });

const error = fc
  .constantFrom(...connectorErrorCodes)
  .map((code) => new ConnectorError({ code, vendor: 'memory', message: 'It failed.' }));
const read = fc.constantFrom({ type: 'present' }, { type: 'absent' }, { type: 'unknown' }) as fc.Arbitrary<
  Extract<TaskEvent, { type: 'read-back' }>['outcome']
>;
const receipt = { id: 'job-1' };
const submitted = fc.constantFrom(
  { type: 'deleted' },
  { type: 'absent' },
  { type: 'accepted' },
  { type: 'accepted', receipt },
  { type: 'deferred', reason: 'conflict' },
  { type: 'rejected', reason: 'refused', message: 'No.' },
) as fc.Arbitrary<Extract<TaskEvent, { type: 'submit-answered' }>['outcome']>;
const retryAt = fc.nat({ max: 9000 });
const failure = fc.record({ error, retryAt, isAlone: fc.boolean() });

/** Everything that the work for a connector can make happen, and the states in which the writer has the task then. */
const happenings: readonly (readonly [readonly TaskState[], fc.Arbitrary<TaskEvent>])[] = [
  [['pre-read'], fc.record({ type: fc.constant('read-before' as const), outcome: read })],
  [['pre-read'], fc.record({ type: fc.constant('read-before-failed' as const), failure })],
  [['submitting'], fc.record({ type: fc.constant('submit-answered' as const), outcome: submitted })],
  [
    ['submitting'],
    fc.record({
      type: fc.constant('submit-failed' as const),
      error,
      retryAt,
      part: fc.record({ isAlone: fc.boolean(), half: fc.nat() }),
    }),
  ],
  [['in-doubt'], fc.record({ type: fc.constant('call-recovered' as const), submittedAt: retryAt })],
  [['in-doubt'], fc.record({ type: fc.constant('call-not-executed' as const), wasAttempt: fc.boolean() })],
  [
    ['in-doubt'],
    fc.record({
      type: fc.constant('call-unresolved' as const),
      why: fc.constantFrom('for-good' as const, { nextAt: 5, reason: 'reply-lost', message: 'Lost.' }),
    }),
  ],
  [['in-doubt'], fc.constant({ type: 'seen-gone' as const })],
  [['read-back'], fc.record({ type: fc.constant('read-back' as const), outcome: read })],
  [['read-back'], fc.record({ type: fc.constant('read-back-failed' as const), failure })],
];

describe('transition', () => {
  it.each(happenings)('gives only what the table has: from %j', (from, event) => {
    fc.assert(
      fc.property(facts, taskIn(from), event, (connector, task, happened) => {
        const change = transition(connector, task, happened, 1000);
        expect(change.event).toBe(happened.type);
        expect(nextStates(task.state, change.event)).toContain(change.state);
        expectSound(change);
      }),
    );
  });

  it('gives only what the table has for the end of a submission', () => {
    const outcome = fc.constantFrom(
      { state: 'pending', vendorStatus: 'RUNNING' },
      { state: 'deleted', vendorStatus: 'DONE' },
      { state: 'partial', vendorStatus: 'PART', parts: [] },
      { state: 'failed', vendorStatus: 'FAILED', canSubmitAgain: true },
      { state: 'failed', vendorStatus: 'FAILED', canSubmitAgain: false },
      { state: 'cancelled', vendorStatus: 'REVOKED' },
      { state: 'lost', vendorStatus: 'NOT_FOUND' },
      { state: 'unknown', vendorStatus: 'undocumented-word', reason: 'It answered oddly.' },
      { state: 'failed', vendorStatus: 'FAILED', canSubmitAgain: false, canBisect: true },
    ) as fc.Arbitrary<Parameters<typeof transitionAfterCheck>[2]>;
    const asked = fc.record({
      task: fc.record({ index: fc.constant(0), readBefore: fc.constantFrom('present', 'absent', 'unread') }),
      submission: fc.record({
        jobs: fc.integer({ min: 1, max: 4 }),
        submittedAt: fc.constant(0),
        targets: fc.integer({ min: 1, max: 500 }),
        dueAt: fc.constantFrom(1, 30 * 86_400_000),
        callId: fc.constant(7),
      }),
    });
    fc.assert(
      fc.property(facts, outcome, asked, fc.boolean(), (connector, said, { task, submission }, isLate) => {
        const now = isLate ? 91 * 86_400_000 : 1000;
        const change = transitionAfterCheck(connector, task, said, submission, now);
        if (change === undefined) expect(isLate ? ['pending'] : ['pending', 'unknown']).toContain(said.state);
        else {
          expect(nextStates('waiting', change.event)).toContain(change.state);
          expectSound(change);
        }
      }),
    );
  });

  it('calls nothing verified that was not seen before', () => {
    fc.assert(
      fc.property(facts, taskIn(['read-back']), read, (connector, task, outcome) => {
        const { assurance } = transition(connector, task, { type: 'read-back', outcome }, 1000);
        if (assurance === 'verified')
          expect([task.readBefore, task.unreadReason, outcome.type]).toEqual(['present', undefined, 'absent']);
      }),
    );
    fc.assert(
      fc.property(facts, taskIn(['in-doubt']), (connector, task) => {
        const { assurance } = transition(connector, task, { type: 'seen-gone' }, 1000);
        expect(assurance === 'verified').toBe(task.unreadReason === undefined);
      }),
    );
  });
});

function expectSound(change: ReturnType<typeof transition>): void {
  const { isFinal, isTimed } = taskStates[change.state];
  // What is looked for by its time has one, and what is not has none.
  expect([change.state, change.nextAt !== undefined]).toEqual([change.state, isTimed]);
  if (change.assurance !== undefined) expect(isFinal).toBe(true);
  if (change.state === 'failed' || change.state === 'needs-review') {
    expect(change).toMatchObject({ reason: expect.any(String), message: expect.any(String) });
  }
}

describe('the table', () => {
  it('leads to each state, and out of each that is open', () => {
    const reached = new Set<TaskState>(['pre-read', 'ready', 'blocked', 'skipped']);
    for (const from of states)
      for (const event of eventsOf(from)) for (const to of nextStates(from, event) ?? []) reached.add(to);
    expect(states.filter((state) => !reached.has(state))).toEqual([]);
    expect(states.filter((state) => !taskStates[state].isFinal && eventsOf(state).length === 0)).toEqual([]);
  });

  it('begins again by a decision alone what has ended', () => {
    const decisions: readonly TaskEventName[] = ['retry', 'restore', 'cancelled-at-vendor'];
    for (const from of states.filter((state) => taskStates[state].isFinal)) {
      for (const event of eventsOf(from)) expect(decisions).toContain(event);
    }
  });

  it('lets be cancelled what is to be sent, and only that', () => {
    expect(states.filter((state) => nextStates(state, 'cancel') !== undefined)).toEqual(
      states.filter((state) => taskStates[state].isToBeSent),
    );
  });
});

function eventsOf(state: TaskState): readonly TaskEventName[] {
  return Object.keys(transitions[state]) as TaskEventName[];
}
