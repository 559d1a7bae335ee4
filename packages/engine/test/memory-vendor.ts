import {
  type CancelOutcome,
  type CheckOutcome,
  type ConnectorCapabilities,
  ConnectorError,
  type ConnectorErrorCode,
  type DeletionConnector,
  type Receipt,
  type Subject,
  type SubmitOutcome,
  type Target,
  type VerifyOutcome,
} from '@expunge/core';
import type { Clock } from '../src/clock.ts';

/** What goes wrong with a call: before or after the vendor acted. */
export interface Fault {
  readonly code: ConnectorErrorCode;
  readonly acts?: boolean;
  readonly retryAfterMs?: number;
}

type Mode = 'immediate' | 'accepted' | 'polled';

/** How a vendor of tests behaves. */
export interface MemoryVendorOptions {
  readonly clock: Clock;
  readonly mode?: Mode;
  readonly repeat?: 'harmless' | 'costly';
  readonly maxTargets?: number;
  readonly oneTypePerCall?: boolean;
  readonly canVerify?: boolean;
  /** Targets in one read. */
  readonly readTargets?: number;
  readonly canRecover?: boolean;
  readonly canCancel?: boolean;
  readonly callsInFlight?: number;
  /** Whether calls of all kinds together are bounded by that. */
  readonly sharesSlots?: boolean;
  readonly rates?: ConnectorCapabilities['limits']['rates'];
  readonly targetsPerMonth?: number;
  readonly jobMs?: number;
  /** Real time that a submission takes. */
  readonly takesMs?: number;
  readonly readBackAfterMs?: number;
  /** A target that makes the vendor refuse the whole call. */
  readonly isPoison?: (target: Target) => boolean;
  /** Told of every submission that it acts on, whether its answer arrives or not. */
  readonly onAct?: (values: readonly string[]) => void;
}

interface Job {
  readonly id: string;
  readonly values: readonly string[];
  readonly submittedAt: number;
  word: 'RUNNING' | 'DONE' | 'FAILED' | 'PARTIAL' | 'LOST' | 'REVOKED';
}

const day = 86_400_000;

// A submission is the same in any order of its targets.
function namesOf(values: readonly string[]): string {
  return values.toSorted().join();
}

/** A vendor with a memory, and the connector that speaks to it. */
export class MemoryVendor {
  readonly people = new Set<string>();
  readonly calls: { kind: string; values: readonly string[]; at: number }[] = [];
  readonly jobs: Job[] = [];
  /** Taken from the front, one per submit. */
  readonly faults: (Fault | undefined)[] = [];
  readonly verifyFaults: Fault[] = [];
  readonly checkFaults: Fault[] = [];
  /** How jobs end. */
  jobEnd: Job['word'] = 'DONE';
  /** Says that it is done, and is not. */
  lies = false;
  /** Of whom it has said so. */
  readonly liedAbout = new Set<string>();
  open = 0;
  mostOpen = 0;
  readonly connector: DeletionConnector;
  readonly #options: MemoryVendorOptions;

  constructor(options: MemoryVendorOptions) {
    this.#options = options;
    this.connector = this.#makeConnector();
  }

  /** Values that were part of more than one submission. */
  sentTwice(): readonly string[] {
    const seen = new Set<string>();
    const twice = new Set<string>();
    for (const call of this.calls) {
      if (call.kind !== 'submit') continue;
      for (const value of call.values) (seen.has(value) ? twice : seen).add(value);
    }
    return [...twice];
  }

  submits(): readonly { values: readonly string[]; at: number }[] {
    return this.calls.filter((call) => call.kind === 'submit');
  }

  #delete(values: readonly string[]): void {
    if (this.lies) {
      for (const value of values) this.liedAbout.add(value);
      return;
    }
    for (const value of values) this.people.delete(value);
  }

  #throw(fault: Fault): never {
    throw new ConnectorError({
      code: fault.code,
      vendor: 'memory',
      message: `Fault ${fault.code}.`,
      retryAfterMs: fault.retryAfterMs,
    });
  }

  #record(kind: string, values: readonly string[]): void {
    this.calls.push({ kind, values, at: this.#options.clock.now() });
  }

  async #submit(targets: readonly Target[]): Promise<readonly SubmitOutcome[]> {
    const values = targets.map((target) => target.value);
    this.#record('submit', values);
    this.open += 1;
    this.mostOpen = Math.max(this.mostOpen, this.open);
    try {
      const { takesMs } = this.#options;
      await new Promise((resolve) => (takesMs === undefined ? setImmediate(resolve) : setTimeout(resolve, takesMs)));
      const fault = this.faults.shift();
      if (fault !== undefined && fault.acts !== true) this.#throw(fault);
      if (targets.some((target) => this.#options.isPoison?.(target))) this.#throw({ code: 'request-rejected' });
      const outcomes = this.#act(values);
      if (fault !== undefined) this.#throw(fault);
      return outcomes;
    } finally {
      this.open -= 1;
    }
  }

  #act(values: readonly string[]): SubmitOutcome[] {
    this.#options.onAct?.(values);
    switch (this.#options.mode ?? 'immediate') {
      case 'immediate': {
        const known = values.map((value) => this.people.has(value));
        this.#delete(values);
        return known.map((isKnown) => ({ type: isKnown ? 'deleted' : 'absent' }));
      }
      case 'accepted':
        this.#delete(values);
        return values.map(() => ({ type: 'accepted' }));
      case 'polled': {
        const id = `job-${this.jobs.length + 1}`;
        this.jobs.push({ id, values, submittedAt: this.#options.clock.now(), word: 'RUNNING' });
        return values.map(() => ({ type: 'accepted', receipt: { job: id } }));
      }
    }
  }

  #check(receipt: Receipt): CheckOutcome {
    this.#record('check', []);
    const fault = this.checkFaults.shift();
    if (fault !== undefined) this.#throw(fault);
    const job = this.jobs.find(({ id }) => id === receipt.job);
    if (job === undefined) return { state: 'lost', vendorStatus: 'LOST' };
    if (job.word === 'RUNNING' && this.#options.clock.now() >= job.submittedAt + (this.#options.jobMs ?? day)) {
      job.word = this.jobEnd;
      if (job.word === 'DONE') this.#delete(job.values);
    }
    const vendorStatus = job.word;
    switch (job.word) {
      case 'RUNNING':
        return { state: 'pending', vendorStatus };
      case 'DONE':
        return { state: 'deleted', vendorStatus };
      case 'FAILED':
        return { state: 'failed', vendorStatus, canSubmitAgain: true };
      case 'PARTIAL':
        return {
          state: 'partial',
          vendorStatus,
          parts: [{ name: 'Elsewhere', state: 'failed', vendorStatus: 'FAILED' }],
        };
      case 'LOST':
        return { state: 'lost', vendorStatus };
      case 'REVOKED':
        return { state: 'cancelled', vendorStatus };
    }
  }

  async #verify(targets: readonly Target[]): Promise<readonly VerifyOutcome[]> {
    this.#record(
      'verify',
      targets.map((target) => target.value),
    );
    const fault = this.verifyFaults.shift();
    if (fault !== undefined) this.#throw(fault);
    return targets.map((target) => ({ type: this.people.has(target.value) ? 'present' : 'absent' }));
  }

  #recover(targets: readonly Target[], since: string): Receipt | undefined {
    this.#record('recover', []);
    const values = namesOf(targets.map((target) => target.value));
    const job = this.jobs.find((each) => namesOf(each.values) === values && each.submittedAt >= Date.parse(since));
    return job === undefined ? undefined : { job: job.id };
  }

  #cancel(receipt: Receipt): CancelOutcome {
    this.#record('cancel', []);
    const job = this.jobs.find(({ id }) => id === receipt.job);
    if (job?.word !== 'RUNNING') return { type: 'too-late' };
    job.word = 'REVOKED';
    return { type: 'cancelled' };
  }

  #makeConnector(): DeletionConnector {
    const options = this.#options;
    const mode = options.mode ?? 'immediate';
    const completions: Record<Mode, ConnectorCapabilities['completion']> = {
      immediate: { type: 'immediate' },
      accepted: { type: 'unknowable' },
      polled: { type: 'polled', firstCheckAfterMs: 60_000, checkEveryMs: 6 * 3_600_000, expectedWithinMs: 30 * day },
    };
    const maxTargets = options.maxTargets ?? 10;
    return {
      specVersion: 'v1',
      vendor: 'memory',
      operation: mode,
      capabilities: {
        title: 'Memory',
        reach: 'person',
        erases: ['Everything.'],
        leaves: [],
        identifiers: [
          { type: 'id', from: ['user_id'] },
          { type: 'device', from: ['device_id'] },
        ],
        completion: completions[mode],
        repeat: options.repeat ?? 'harmless',
        limits: {
          submit: { maxTargets, ...(options.oneTypePerCall === true ? { oneTypePerCall: true } : {}) },
          ...(options.canVerify === true ? { verify: { maxTargets: options.readTargets ?? 5 } } : {}),
          rates: options.rates ?? [],
          inFlight:
            options.sharesSlots === true
              ? [{ kinds: ['submit', 'verify', 'check', 'cancel'], calls: options.callsInFlight ?? 2 }]
              : [
                  { kinds: ['submit'], calls: options.callsInFlight ?? 2 },
                  { kinds: ['verify'], calls: 1 },
                ],
          ...(options.targetsPerMonth === undefined ? {} : { targetsPerMonth: options.targetsPerMonth }),
        },
        ...(options.canVerify === true
          ? {
              readBack: {
                covers: 'person',
                identifiers: ['id', 'device'],
                afterMs: options.readBackAfterMs ?? 3_600_000,
              },
            }
          : {}),
      },
      targetsOf: (subject: Subject) => subject.identifiers.map(({ type, value }) => ({ type, value })),
      submit: (targets) => this.#submit(targets),
      ...(mode === 'polled' ? { check: async (receipt: Receipt) => this.#check(receipt) } : {}),
      ...(options.canVerify === true ? { verify: (targets: readonly Target[]) => this.#verify(targets) } : {}),
      ...(options.canRecover === true
        ? { recover: async (targets: readonly Target[], since: string) => this.#recover(targets, since) }
        : {}),
      ...(options.canCancel === true ? { cancel: async (receipt: Receipt) => this.#cancel(receipt) } : {}),
      checkAccess: async () => ({ proven: ['Nothing.'], unproven: [] }),
    };
  }
}
