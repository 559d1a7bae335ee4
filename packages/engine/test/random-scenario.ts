import type { ConnectorErrorCode } from '@expunge/core';
import fc from 'fast-check';
import type { VerifyMode } from '../src/engine/configured-connector.ts';
import type { Fault, MemoryVendorOptions } from './memory-vendor.ts';

const personCount = 5;
const requestCount = 8;

/** The people whom a scenario may ask to delete. */
export const askable = Array.from({ length: personCount }, (_, index) => `p${index}`);
/** People whom no request names. */
export const bystanders = ['b0', 'b1'];

/** One account of a scenario. */
export interface RandomVendor
  extends Pick<
    MemoryVendorOptions,
    'mode' | 'repeat' | 'maxTargets' | 'canVerify' | 'canRecover' | 'canCancel' | 'callsInFlight' | 'oneTypePerCall'
  > {
  readonly verify: VerifyMode;
  readonly isFirstPoisonous: boolean;
  readonly faults: readonly (Fault | undefined)[];
  readonly verifyFaults: readonly Fault[];
  readonly checkFaults: readonly Fault[];
}

/** One request of a scenario; several may ask for the same person. */
export interface RandomRequest {
  readonly person: number;
  readonly hasDevice: boolean;
}

/** What an operator, or a caller, does: at any time, also while the engine works. */
export type Action =
  | { readonly type: 'accept'; readonly requests: readonly number[]; readonly waitMs: number }
  | { readonly type: 'hold' | 'release'; readonly person: number }
  | { readonly type: 'cancel'; readonly request: number }
  | { readonly type: 'reopen'; readonly which: 'failed' | 'needs-review' };

/** What ends a run before its time. */
export type Interruption = 'stop' | 'kill';

/** One step of a scenario. */
export type Step =
  | Action
  | {
      readonly type: 'run';
      readonly waitAtMostMs: number;
      /** What happens while it runs: after so many beginnings and ends of calls. */
      readonly during: readonly { readonly after: number; readonly what: Action | Interruption }[];
    }
  | { readonly type: 'restart' }
  | { readonly type: 'vendors'; readonly lie: boolean; readonly jobEnd: JobEnd };

export type JobEnd = 'DONE' | 'FAILED' | 'PARTIAL' | 'LOST' | 'REVOKED';

/** Everything that happens until all faults end. */
export interface RandomScenario {
  readonly vendors: readonly RandomVendor[];
  /** Whether the second account comes after the first. */
  readonly isOrdered: boolean;
  readonly maxAttempts: number;
  readonly known: readonly string[];
  readonly requests: readonly RandomRequest[];
  readonly steps: readonly Step[];
}

const codes: readonly ConnectorErrorCode[] = [
  'credentials-rejected',
  'permission-missing',
  'request-rejected',
  'request-too-large',
  'setup-wrong',
  'rate-limited',
  'quota-spent',
  'connection-failed',
  'not-sent',
  'connection-lost',
  'timed-out',
  'aborted',
  'vendor-unavailable',
  'response-unexpected',
];
const codesInDoubt: readonly ConnectorErrorCode[] = [
  'connection-lost',
  'timed-out',
  'aborted',
  'vendor-unavailable',
  'response-unexpected',
];

// A code that says for certain that nothing happened needs a vendor that did nothing.
const fault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({ code: fc.constantFrom(...codes), retryAfterMs: fc.constantFrom(0, 1000, 60_000) }),
  fc.record({ code: fc.constantFrom(...codesInDoubt), acts: fc.constant(true) }),
);

const vendor: fc.Arbitrary<RandomVendor> = fc.record({
  mode: fc.constantFrom('immediate', 'accepted', 'polled'),
  repeat: fc.constantFrom('harmless', 'costly'),
  maxTargets: fc.integer({ min: 1, max: 5 }),
  callsInFlight: fc.integer({ min: 1, max: 3 }),
  oneTypePerCall: fc.boolean(),
  canVerify: fc.boolean(),
  canRecover: fc.boolean(),
  canCancel: fc.boolean(),
  verify: fc.constantFrom('off', 'after', 'before-and-after'),
  isFirstPoisonous: fc.boolean(),
  faults: fc.array(fc.option(fault, { nil: undefined, freq: 2 }), { maxLength: 12 }),
  verifyFaults: fc.array(fault, { maxLength: 4 }),
  checkFaults: fc.array(fault, { maxLength: 4 }),
});

const person = fc.nat(personCount - 1);
const request = fc.nat(requestCount - 1);

const accept: fc.Arbitrary<Action> = fc.record({
  type: fc.constant('accept'),
  requests: fc.uniqueArray(request, { minLength: 1 }),
  waitMs: fc.constantFrom(0, 0, 600_000),
});

const action: fc.Arbitrary<Action> = fc.oneof(
  accept,
  fc.record({ type: fc.constantFrom('hold' as const, 'release' as const), person }),
  fc.record({ type: fc.constant('cancel'), request }),
  fc.record({ type: fc.constant('reopen'), which: fc.constantFrom('failed' as const, 'needs-review' as const) }),
);

const run: fc.Arbitrary<Step> = fc.record({
  type: fc.constant('run'),
  waitAtMostMs: fc.constantFrom(0, 60_000, 3_600_000, Number.POSITIVE_INFINITY),
  during: fc.array(
    fc.record({
      after: fc.integer({ min: 1, max: 20 }),
      what: fc.oneof(action, fc.constantFrom('stop' as const, 'kill' as const, 'kill' as const)),
    }),
    { maxLength: 3 },
  ),
});

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: run },
  { weight: 2, arbitrary: accept },
  { weight: 2, arbitrary: action },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('restart') }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('vendors'),
      lie: fc.boolean(),
      jobEnd: fc.constantFrom<JobEnd>('DONE', 'DONE', 'FAILED', 'PARTIAL', 'LOST', 'REVOKED'),
    }),
  },
);

/** Any scenario. */
export const randomScenario: fc.Arbitrary<RandomScenario> = fc.record({
  vendors: fc.array(vendor, { minLength: 1, maxLength: 2 }),
  isOrdered: fc.boolean(),
  maxAttempts: fc.constantFrom(2, 12),
  known: fc.subarray(askable.flatMap((name) => [name, `d-${name}`])),
  requests: fc.array(fc.record({ person, hasDevice: fc.boolean() }), {
    minLength: requestCount,
    maxLength: requestCount,
  }),
  steps: fc.tuple(accept, fc.array(step, { maxLength: 10 })).map(([first, rest]) => [first, ...rest]),
});
