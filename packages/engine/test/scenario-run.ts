import { expect } from 'vitest';
import type { ConfiguredConnector } from '../src/engine/configured-connector.ts';
import type { RequestWithTasks, TaskRow } from '../src/ledger/reports.ts';
import { checkCertificate, makeCertificate } from '../src/proof/certificate.ts';
import { isTerminal } from '../src/tasks/task-state.ts';
import { expectLogToTellTheStates } from './audit-replay.ts';
import { AutoClock } from './auto-clock.ts';
import { CrashingEngine } from './crashing-engine.ts';
import { type Account, expectPromisesKept } from './expect-promises.ts';
import { MemoryVendor } from './memory-vendor.ts';
import {
  type Action,
  askable,
  bystanders,
  type Interruption,
  type RandomScenario,
  type RandomVendor,
  type Step,
} from './random-scenario.ts';
import { RecordedHistory } from './recorded-history.ts';
import { idOf, requestOf, targetValue, valuesOf } from './scenario-people.ts';
import { expectCountsToBeTrue } from './setting.ts';

const forever = { waitAtMostMs: Number.POSITIVE_INFINITY };
const minute = 60_000;
const longestRunMs = 3 * minute;

/** Simulated vendors, a ledger, and one engine after another that works on it. */
export class ScenarioRun {
  readonly #scenario: RandomScenario;
  readonly #clock = new AutoClock();
  readonly #history = new RecordedHistory();
  readonly #accounts: readonly Account[];
  readonly #accepted = new Set<number>();
  #current: CrashingEngine | undefined;
  #path: string;
  #onCall: () => void = () => {};

  constructor(scenario: RandomScenario, path: string) {
    this.#scenario = scenario;
    this.#path = path;
    this.#accounts = scenario.vendors.map((random, index) => this.#open(random, `v${index}`));
  }

  /** Applies one step. */
  async apply(step: Step): Promise<void> {
    switch (step.type) {
      case 'run':
        await this.#run(step);
        return;
      case 'restart':
        await this.#close();
        return;
      case 'vendors':
        for (const account of this.#accounts) {
          account.vendor.lies = step.lie;
          account.vendor.jobEnd = step.jobEnd;
        }
        return;
      default:
        await this.#act(await this.#engine(), step);
    }
  }

  /** Ends all faults, and lets time pass until nothing more happens by itself. */
  async endFaults(): Promise<void> {
    for (const { vendor } of this.#accounts) {
      vendor.lies = false;
      vendor.jobEnd = 'DONE';
      vendor.faults.length = 0;
      vendor.verifyFaults.length = 0;
      vendor.checkFaults.length = 0;
    }
    await this.#close();
    const current = await this.#engine();
    for (let round = 0; round < 3; round += 1) {
      await this.#runToItsEnd(current, forever);
      this.#clock.set(this.#clock.now() + 60 * minute);
    }
  }

  /** What has to hold in the end, whatever happened. */
  async expectPromisesKept(): Promise<void> {
    const current = await this.#engine();
    const requests: RequestWithTasks[] = [];
    for await (const request of current.ledger.requests()) requests.push(request);
    const entries = [];
    for await (const entry of current.ledger.auditEntries()) entries.push(entry);
    expectPromisesKept({
      scenario: this.#scenario,
      accounts: this.#accounts,
      accepted: this.#accepted,
      requests,
      history: this.#history,
    });
    for (const { request } of requests) {
      const certificate = (await makeCertificate(current.ledger, request.requestId, this.#clock.now())) ?? '';
      expect(checkCertificate(certificate)).toMatchObject({ isValid: true });
    }
    await this.#expectNothingTwice(current);
    expect(await current.ledger.verify()).toMatchObject({ isIntact: true, differences: [] });
    await current.close();
    this.#current = undefined;
    await expectCountsToBeTrue(this.#path);
    expectLogToTellTheStates(
      entries,
      requests.flatMap((request) => request.tasks),
    );
  }

  #open(random: RandomVendor, name: string): Account {
    const { isFirstPoisonous } = random;
    const vendor = new MemoryVendor({
      clock: this.#clock,
      ...random,
      jobMs: 10 * minute,
      readBackAfterMs: minute,
      // Only a job leaves a trace that can be found again.
      canRecover: random.canRecover === true && random.mode === 'polled',
      isPoison: ({ value }) => isFirstPoisonous && value === askable[0],
      onAct: (values) => this.#history.acted(name, values, account.vendor.lies),
    });
    const account: Account = { name, vendor, random };
    for (const person of [...this.#scenario.known, ...bystanders]) vendor.people.add(person);
    vendor.faults.push(...random.faults);
    vendor.verifyFaults.push(...random.verifyFaults);
    vendor.checkFaults.push(...random.checkFaults);
    return account;
  }

  #connectors(): readonly ConfiguredConnector[] {
    const [first] = this.#accounts;
    return this.#accounts.map(({ name, vendor, random }) => ({
      name,
      connector: this.#history.recording(name, vendor.connector),
      verify: random.verify,
      after: this.#scenario.isOrdered && first !== undefined && name !== first.name ? [first.name] : [],
    }));
  }

  async #engine(): Promise<CrashingEngine> {
    if (this.#current?.hasCrashed === true) await this.#close();
    this.#current ??= await CrashingEngine.open(this.#connectors(), {
      path: this.#path,
      clock: this.#clock,
      maxAttempts: this.#scenario.maxAttempts,
      onCall: () => this.#onCall(),
    });
    return this.#current;
  }

  async #close(): Promise<void> {
    if (this.#current !== undefined) this.#path = await this.#current.close();
    this.#current = undefined;
  }

  async #run(step: Extract<Step, { type: 'run' }>): Promise<void> {
    const current = await this.#engine();
    const stop = new AbortController();
    const actions: Promise<void>[] = [];
    const happen = (what: Action | Interruption) => {
      if (what === 'kill') current.crash();
      if (what === 'kill' || what === 'stop') stop.abort();
      else actions.push(unlessCrashed(current, this.#act(current, what)));
    };
    let calls = 0;
    this.#onCall = () => {
      calls += 1;
      for (const { after, what } of step.during) if (after === calls && !current.hasCrashed) happen(what);
    };
    await this.#runToItsEnd(current, { waitAtMostMs: step.waitAtMostMs }, stop.signal);
    await Promise.all(actions);
    this.#onCall = () => {};
  }

  // Nothing here takes real time: a run that does is an endless loop.
  async #runToItsEnd(
    current: CrashingEngine,
    bounds: { waitAtMostMs: number },
    signal = new AbortController().signal,
  ): Promise<void> {
    const tooLong = AbortSignal.timeout(longestRunMs);
    const run = current.engine.run({ ...bounds, signal: AbortSignal.any([signal, tooLong]) });
    await unlessCrashed(current, run);
    expect(tooLong.aborted).toBe(false);
  }

  async #act(current: CrashingEngine, action: Action): Promise<void> {
    switch (action.type) {
      case 'accept': {
        const requests = action.requests.map((index) => requestOf(this.#scenario, index));
        await current.engine.accept(requests, { waitMs: action.waitMs });
        if (!current.hasCrashed) for (const index of action.requests) this.#accepted.add(index);
        return;
      }
      case 'hold':
        await current.engine.hold({ type: 'user_id', value: askable[action.person] ?? '' }, 'litigation');
        if (!current.hasCrashed) await this.#recordHolds(current, action.person);
        return;
      case 'release':
        this.#history.released(valuesOf(action.person));
        await current.engine.release({ type: 'user_id', value: askable[action.person] ?? '' });
        return;
      case 'cancel':
        await current.engine.cancel(idOf(action.request));
        return;
      case 'reopen':
        this.#history.reopened();
        await current.engine.reopen(action.which);
    }
  }

  // What the ledger has on hold at the moment in which the caller was told so.
  async #recordHolds(current: CrashingEngine, person: number): Promise<void> {
    for (const { name } of this.#accounts) {
      for (const value of valuesOf(person)) {
        const rows: TaskRow[] = [];
        for (const index of this.#scenario.requests.keys()) {
          const found = await current.ledger.request(idOf(index));
          rows.push(
            ...(found?.tasks ?? []).filter(
              (task) => task.connector === name && targetValue(this.#scenario, task) === value,
            ),
          );
        }
        const open = rows.filter(({ state }) => !isTerminal(state));
        if (open.length > 0 && open.every(({ isOnHold }) => isOnHold)) this.#history.held(name, value);
      }
    }
  }

  async #expectNothingTwice(current: CrashingEngine): Promise<void> {
    const before = this.#accounts.map(({ vendor }) => vendor.submits().length);
    const again = [...this.#accepted].map((index) => requestOf(this.#scenario, index));
    expect(await current.engine.accept(again)).toMatchObject({ accepted: 0, known: again.length, conflicts: [] });
    await this.#runToItsEnd(current, forever);
    expect(this.#accounts.map(({ vendor }) => vendor.submits().length)).toEqual(before);
  }
}

// A crashed process may get the error that its database is gone.
async function unlessCrashed(current: CrashingEngine, work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!current.hasCrashed) throw error;
  }
}
