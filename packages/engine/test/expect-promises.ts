import { expect } from 'vitest';
import type { RequestWithTasks, TaskRow } from '../src/ledger/reports.ts';
import { isTerminal } from '../src/tasks/task-state.ts';
import type { MemoryVendor } from './memory-vendor.ts';
import { askable, bystanders, type RandomScenario, type RandomVendor } from './random-scenario.ts';
import type { RecordedHistory } from './recorded-history.ts';
import { idOf, requestWithId, targetValue, valuesOf } from './scenario-people.ts';

/** A connector's vendor, and what the scenario says of it. */
export interface Account {
  readonly name: string;
  readonly vendor: MemoryVendor;
  readonly random: RandomVendor;
}

/** What there is at the end of a scenario. */
export interface ScenarioEnd {
  readonly scenario: RandomScenario;
  readonly accounts: readonly Account[];
  /** The requests that were confirmed as accepted. */
  readonly accepted: ReadonlySet<number>;
  /** What the ledger holds. */
  readonly requests: readonly RequestWithTasks[];
  readonly history: RecordedHistory;
}

/** What has to hold in the end, whatever happened. */
export function expectPromisesKept(end: ScenarioEnd): void {
  expectNothingLost(end);
  for (const task of end.requests.flatMap((request) => request.tasks)) {
    expectAnEnd(end, task);
    expectNoFalseClaim(end, task);
  }
  expectNobodyElseDeleted(end);
  expectNoCostlyRepeat(end);
  end.history.expectHoldsKept();
}

function expectNothingLost({ scenario, accounts, accepted, requests }: ScenarioEnd): void {
  const found = requests.map(({ request }) => request.requestId);
  // A request that came in just before a kill may be there or not; one that was confirmed is.
  expect(found).toEqual(expect.arrayContaining([...accepted].map(idOf)));
  for (const { request, tasks } of requests) {
    const { hasDevice } = requestWithId(scenario, request.requestId);
    const types = hasDevice ? ['device', 'id'] : ['id'];
    for (const { name } of accounts) {
      const own = tasks.filter((task) => task.connector === name);
      expect(own.map((task) => task.targetType).sort()).toEqual(types);
    }
  }
}

function expectAnEnd({ scenario, requests }: ScenarioEnd, task: TaskRow): void {
  if (isTerminal(task.state)) {
    expect(task.finishedAt).toBeDefined();
    expect(task.nextAt).toBeUndefined();
    return;
  }
  if (task.state === 'needs-review') {
    expect(task).toMatchObject({ reason: expect.any(String), message: expect.any(String), nextAt: undefined });
    return;
  }
  if (task.isOnHold) {
    expect(task.nextAt).toBeUndefined();
    return;
  }
  // Only an account that comes after another one may still wait: for the operator's decision there.
  const { person } = requestWithId(scenario, task.requestId);
  const waits = requests
    .filter(({ request }) => requestWithId(scenario, request.requestId).person === person)
    .flatMap(({ tasks }) => tasks)
    .some(({ connector, state, isOnHold }) => connector !== task.connector && (isOnHold || state === 'needs-review'));
  expect(task.state).toBe('blocked');
  expect({ ...task, waits: scenario.isOrdered && waits }).toMatchObject({ nextAt: undefined, waits: true });
}

function expectNoFalseClaim({ scenario, accounts, history }: ScenarioEnd, task: TaskRow): void {
  const account = accounts.find(({ name }) => name === task.connector);
  if (account === undefined) throw new Error(`There is no account ${task.connector}.`);
  const { vendor, random, name } = account;
  const value = targetValue(scenario, task);
  if (task.assurance === 'verified') {
    expect(scenario.known).toContain(value);
    expect(vendor.people).not.toContain(value);
  }
  if (task.state !== 'deleted' && task.state !== 'absent') {
    expect(task.assurance).toBe(task.state === 'accepted' ? 'accepted' : undefined);
    return;
  }
  if (!vendor.people.has(value)) return;
  expect(vendor.liedAbout.has(value) || history.wasLiedAbout(name, value)).toBe(true);
  const wasReadBack = random.canVerify === true && random.verify !== 'off' && task.reason !== 'not-read-back';
  expect(wasReadBack).toBe(false);
}

function expectNobodyElseDeleted({ scenario, accounts }: ScenarioEnd): void {
  const asked = new Set(scenario.requests.flatMap(({ person }) => valuesOf(person)));
  for (const { vendor } of accounts) {
    for (const person of [...scenario.known, ...bystanders]) {
      if (!asked.has(person)) expect(vendor.people).toContain(person);
    }
    expect([...asked]).toEqual(expect.arrayContaining(vendor.submits().flatMap(({ values }) => values)));
  }
}

function expectNoCostlyRepeat({ scenario, accounts, requests, history }: ScenarioEnd): void {
  const tasks = requests.flatMap((request) => request.tasks);
  for (const { name, random, vendor } of accounts) {
    if (random.repeat === 'harmless') continue;
    const failed = new Set(vendor.jobs.filter(({ word }) => word === 'FAILED').flatMap(({ values }) => values));
    for (const value of askable.flatMap((_, person) => valuesOf(person))) {
      const own = tasks.filter((task) => task.connector === name && targetValue(scenario, task) === value);
      // Who asks twice gets it twice, and what failed at the vendor has to be done again.
      if (own.length !== 1 || failed.has(value)) continue;
      history.expectNoRepeat(name, value);
    }
  }
}
