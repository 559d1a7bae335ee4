import { expect } from 'vitest';
import type { ConfiguredConnector } from '../src/engine/configured-connector.ts';
import type { RequestWithTasks, TaskRow } from '../src/ledger/rows.ts';
import { checkCertificate, makeCertificate } from '../src/proof/certificate.ts';
import { isTerminal } from '../src/tasks/task-state.ts';
import { expectLogToTellTheStates } from './audit-replay.ts';
import { AutoClock } from './auto-clock.ts';
import { type Account, expectPromisesKept } from './expect-promises.ts';
import { MemoryVendor } from './memory-vendor.ts';
import { MortalEngine } from './mortal-engine.ts';
import {
  type Action,
  askable,
  bystanders,
  type Interruption,
  type RandomScenario,
  type RandomVendor,
  type Step,
} from './random-scenario.ts';
import { idOf, requestOf, targetValue, valuesOf } from './scenario-people.ts';
import { expectCountsToBeTrue } from './setting.ts';
import { Story } from './story.ts';

const forever = { waitAtMostMs: Number.POSITIVE_INFINITY };
const minute = 60_000;
const longestRunMs = 3 * minute;

/** Vendors with memories, a ledger, and one engine after another that works on it. */
export class MortalWorld {
  readonly #scenario: RandomScenario;
  readonly #clock = new AutoClock();
  readonly #story = new Story();
  readonly #accounts: readonly Account[];
  readonly #accepted = new Set<number>();
  #life: MortalEngine | undefined;
  #path: string;
  #onCall: () => void = () => {};

  constructor(scenario: RandomScenario, path: string) {
    this.#scenario = scenario;
    this.#path = path;
    this.#accounts = scenario.vendors.map((random, index) => this.#open(random, `v${index}`));
  }

  /** Takes one step. */
  async take(step: Step): Promise<void> {
    switch (step.type) {
      case 'run':
        await this.#run(step);
        return;
      case 'restart':
        await this.#end();
        return;
      case 'vendors':
        for (const account of this.#accounts) {
          account.vendor.lies = step.lie;
          account.vendor.jobEnd = step.jobEnd;
        }
        return;
      default:
        await this.#act(await this.#alive(), step);
    }
  }

  /** Lets every vendor be well, and time pass until nothing more happens by itself. */
  async heal(): Promise<void> {
    for (const { vendor } of this.#accounts) {
      vendor.lies = false;
      vendor.jobEnd = 'DONE';
      vendor.faults.length = 0;
      vendor.verifyFaults.length = 0;
      vendor.checkFaults.length = 0;
    }
    await this.#end();
    const life = await this.#alive();
    for (let round = 0; round < 3; round += 1) {
      await this.#runToItsEnd(life, forever);
      this.#clock.set(this.#clock.now() + 60 * minute);
    }
  }

  /** What has to hold in the end, whatever happened. */
  async expectPromisesKept(): Promise<void> {
    const life = await this.#alive();
    const requests: RequestWithTasks[] = [];
    for await (const request of life.ledger.requests()) requests.push(request);
    const entries = [];
    for await (const entry of life.ledger.auditEntries()) entries.push(entry);
    expectPromisesKept({
      scenario: this.#scenario,
      accounts: this.#accounts,
      accepted: this.#accepted,
      requests,
      story: this.#story,
    });
    for (const { request } of requests) {
      const certificate = (await makeCertificate(life.ledger, request.requestId, this.#clock.now())) ?? '';
      expect(checkCertificate(certificate)).toMatchObject({ isValid: true });
    }
    await this.#expectNothingTwice(life);
    await life.end();
    this.#life = undefined;
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
      onAct: (values) => this.#story.acted(name, values, account.vendor.lies),
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
      connector: this.#story.listening(name, vendor.connector),
      verify: random.verify,
      after: this.#scenario.isOrdered && first !== undefined && name !== first.name ? [first.name] : [],
    }));
  }

  async #alive(): Promise<MortalEngine> {
    if (this.#life?.isDead === true) await this.#end();
    this.#life ??= await MortalEngine.begin(this.#connectors(), {
      path: this.#path,
      clock: this.#clock,
      maxAttempts: this.#scenario.maxAttempts,
      onCall: () => this.#onCall(),
    });
    return this.#life;
  }

  async #end(): Promise<void> {
    if (this.#life !== undefined) this.#path = await this.#life.end();
    this.#life = undefined;
  }

  async #run(step: Extract<Step, { type: 'run' }>): Promise<void> {
    const life = await this.#alive();
    const stop = new AbortController();
    const actions: Promise<void>[] = [];
    const happen = (what: Action | Interruption) => {
      if (what === 'kill') life.kill();
      if (what === 'kill' || what === 'stop') stop.abort();
      else actions.push(unlessDead(life, this.#act(life, what)));
    };
    let calls = 0;
    this.#onCall = () => {
      calls += 1;
      for (const { after, what } of step.during) if (after === calls && !life.isDead) happen(what);
    };
    await this.#runToItsEnd(life, { waitAtMostMs: step.waitAtMostMs }, stop.signal);
    await Promise.all(actions);
    this.#onCall = () => {};
  }

  // Nothing here takes real time: a run that does goes round in circles.
  async #runToItsEnd(
    life: MortalEngine,
    bounds: { waitAtMostMs: number },
    signal = new AbortController().signal,
  ): Promise<void> {
    const tooLong = AbortSignal.timeout(longestRunMs);
    const run = life.engine.run({ ...bounds, signal: AbortSignal.any([signal, tooLong]) });
    await unlessDead(life, run);
    expect(tooLong.aborted).toBe(false);
  }

  async #act(life: MortalEngine, action: Action): Promise<void> {
    switch (action.type) {
      case 'accept': {
        const requests = action.requests.map((index) => requestOf(this.#scenario, index));
        await life.engine.accept(requests, { waitMs: action.waitMs });
        if (!life.isDead) for (const index of action.requests) this.#accepted.add(index);
        return;
      }
      case 'hold':
        await life.engine.hold({ type: 'user_id', value: askable[action.person] ?? '' }, 'litigation');
        if (!life.isDead) await this.#recordHolds(life, action.person);
        return;
      case 'release':
        this.#story.released(valuesOf(action.person));
        await life.engine.release({ type: 'user_id', value: askable[action.person] ?? '' });
        return;
      case 'cancel':
        await life.engine.cancel(idOf(action.request));
        return;
      case 'reopen':
        this.#story.reopened();
        await life.engine.reopen(action.which);
    }
  }

  // What the ledger says is on hold at the moment in which the caller was told so.
  async #recordHolds(life: MortalEngine, person: number): Promise<void> {
    for (const { name } of this.#accounts) {
      for (const value of valuesOf(person)) {
        const rows: TaskRow[] = [];
        for (const index of this.#scenario.requests.keys()) {
          const found = await life.ledger.request(idOf(index));
          rows.push(
            ...(found?.tasks ?? []).filter(
              (task) => task.connector === name && targetValue(this.#scenario, task) === value,
            ),
          );
        }
        const open = rows.filter(({ state }) => !isTerminal(state));
        if (open.length > 0 && open.every(({ isOnHold }) => isOnHold)) this.#story.held(name, value);
      }
    }
  }

  async #expectNothingTwice(life: MortalEngine): Promise<void> {
    const before = this.#accounts.map(({ vendor }) => vendor.submits().length);
    const again = [...this.#accepted].map((index) => requestOf(this.#scenario, index));
    expect(await life.engine.accept(again)).toMatchObject({ accepted: 0, known: again.length, conflicts: [] });
    await this.#runToItsEnd(life, forever);
    expect(this.#accounts.map(({ vendor }) => vendor.submits().length)).toEqual(before);
  }
}

// Whoever is dead may hear that the database is gone.
async function unlessDead(life: MortalEngine, work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!life.isDead) throw error;
  }
}
