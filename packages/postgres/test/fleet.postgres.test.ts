import { systemClock } from '@expunge/engine';
import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { MemoryVendor, type MemoryVendorOptions } from '../../engine/test/memory-vendor.ts';
import { allTasks, expectCountsToBeTrue } from '../../engine/test/setting.ts';
import { runSql, serverUrl } from '../../engine/test/test-ledger.ts';
import { newFleetSchema, openTestWorker, people, requestsFor, until } from './fleet-setting.ts';

function vendorWith(values: readonly string[], options: Partial<MemoryVendorOptions> = {}): MemoryVendor {
  const vendor = new MemoryVendor({ clock: systemClock, maxTargets: 10, ...options });
  for (const value of values) vendor.people.add(value);
  return vendor;
}

async function workersOn(vendor: MemoryVendor, count: number) {
  const schema = newFleetSchema();
  const connectors = [{ name: 'memory', connector: vendor.connector }];
  const workers = [];
  for (let worker = 0; worker < count; worker += 1) workers.push(await openTestWorker(schema, connectors));
  return { schema, workers, connectors };
}

async function jobsOf(schema: string): Promise<Record<string, unknown>[]> {
  return runSql(`SELECT name, CAST(state AS text) AS state FROM ${schema}_queue.job ORDER BY name`);
}

// As if this much time had passed since a worker was seen last.
async function letTimePass(schema: string, seconds: number, worker = ''): Promise<void> {
  await runSql(
    `UPDATE ${schema}_queue.job SET heartbeat_on = heartbeat_on - interval '${seconds}s' WHERE state = 'active'`,
  );
  await runSql(`UPDATE ${schema}.workers SET seen_at = seen_at - ${seconds * 1000} ${worker}`);
}

type TestWorker = Awaited<ReturnType<typeof openTestWorker>>;
type Fleet = TestWorker['fleet'];

async function dueNow({ fleet: { ledger, clock } }: TestWorker) {
  return ledger.dueTasks('memory', 'ready', { now: clock.now(), limit: 100, bisectedBatch: null });
}

// pg-boss looks for lost workers now and then.
async function superviseNow(schema: string, fleet: Fleet): Promise<void> {
  await runSql(`UPDATE ${schema}_queue.queue SET monitor_on = NULL, monitor_claim_on = NULL`);
  await fleet.supervise();
}

// As if nobody had kept the jobs that were taken.
async function loseJobs(schema: string, fleet: Fleet): Promise<void> {
  await runSql(`UPDATE ${schema}_queue.job SET heartbeat_on = heartbeat_on - interval '40s' WHERE state = 'active'`);
  await superviseNow(schema, fleet);
}

function must<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('There is none.');
  return value;
}

describe('workers on one ledger', () => {
  it('delete everybody once', async () => {
    const values = people(120);
    const vendor = vendorWith(values, { takesMs: 5 });
    const { schema, workers } = await workersOn(vendor, 3);
    await must(workers[0]).engine.accept(requestsFor(values));
    const reports = await Promise.all(workers.map(({ engine }) => engine.run()));
    expect(vendor.people.size).toBe(0);
    expect(vendor.sentTwice()).toEqual([]);
    expect(reports.some((report) => report.isSettled)).toBe(true);
    expect((await allTasks(must(workers[0]).fleet.ledger)).every(({ state }) => state === 'deleted')).toBe(true);
    expect(await jobsOf(schema)).toEqual([]);
    await expectCountsToBeTrue(schema);
  });

  it('ask about submissions that others have made, once when they are due', async () => {
    const values = people(60);
    const vendor = vendorWith(values, { mode: 'polled', jobMs: 1 });
    const { schema, workers } = await workersOn(vendor, 3);
    const [first, second, third] = workers.map(must);
    await must(first).engine.accept(requestsFor(values));
    await must(first).engine.run({ waitAtMostMs: 0 });
    expect(vendor.submits().length).toBe(6);
    await runSql(`UPDATE ${schema}.submissions SET next_at = next_at - 3600000`);
    await Promise.all([must(second).engine.run({ waitAtMostMs: 0 }), must(third).engine.run({ waitAtMostMs: 0 })]);
    expect(vendor.people.size).toBe(0);
    expect(vendor.calls.filter(({ kind }) => kind === 'check').length).toBe(6);
    expect((await allTasks(must(first).fleet.ledger)).every(({ state }) => state === 'deleted')).toBe(true);
    expect(await jobsOf(schema)).toEqual([]);
  });

  it('share what the vendor takes at a time', async () => {
    const values = people(40);
    const vendor = vendorWith(values, { maxTargets: 1, callsInFlight: 4, takesMs: 40 });
    const { workers } = await workersOn(vendor, 3);
    await must(workers[0]).engine.accept(requestsFor(values));
    await Promise.all(workers.map(({ engine }) => engine.run()));
    expect(vendor.mostOpen).toBeGreaterThan(1);
    expect(vendor.mostOpen).toBeLessThanOrEqual(4);
    expect(vendor.people.size).toBe(0);
    expect(vendor.sentTwice()).toEqual([]);
  });

  it("share the vendor's rates", async () => {
    const values = people(30);
    const perMs = 200;
    const rates = [{ kinds: ['submit' as const], calls: 5, perMs }];
    const vendor = vendorWith(values, { maxTargets: 1, rates });
    const { workers } = await workersOn(vendor, 3);
    await must(workers[0]).engine.accept(requestsFor(values));
    await Promise.all(workers.map(({ engine }) => engine.run()));
    expect(vendor.people.size).toBe(0);
    expect(vendor.submits().length).toBe(30);
    // As they were noted, those that left late and were kept back among them.
    const { calls } = await must(workers[0]).fleet.ledger.connectorState('memory', 0, 0);
    const starts = calls.map(({ startedAt }) => startedAt);
    for (const [index, at] of starts.entries()) {
      expect(starts.slice(index).filter((other) => other < at + perMs).length).toBeLessThanOrEqual(4);
    }
  });

  it('are not told by their own clocks what time it is', async () => {
    const values = people(10);
    const vendor = vendorWith(values);
    const { workers, schema } = await workersOn(vendor, 1);
    const { engine, fleet } = must(workers[0]);
    const real = Date.now;
    // Two hours ahead: what waits for an hour is not due.
    Date.now = () => real() + 7_200_000;
    try {
      await engine.accept(requestsFor(values), { waitMs: 3_600_000 });
      await engine.run({ waitAtMostMs: 0 });
      expect(vendor.people.size).toBe(10);
      expect(Math.abs(fleet.clock.now() - real())).toBeLessThan(2000);
    } finally {
      Date.now = real;
    }
    const [row] = await runSql(`SELECT count(*) AS due FROM ${schema}_queue.job WHERE start_after <= now()`);
    expect(row).toEqual({ due: 0 });
  });
});

describe('a worker that is lost', () => {
  it('in the middle of a call leaves its tasks in doubt, and another one resolves it', async () => {
    const values = people(20);
    const vendor = vendorWith(values, { canRecover: true, repeat: 'costly', mode: 'polled', callsInFlight: 1 });
    const { schema, workers } = await workersOn(vendor, 2);
    const [lost, other] = workers.map(must);
    await must(lost).engine.accept(requestsFor(values));
    // It notes what it is going to send, and is never seen again.
    const { ledger, clock } = must(lost).fleet;
    const tasks = await ledger.dueTasks('memory', 'ready', { now: clock.now(), limit: 10, bisectedBatch: null });
    const call = must((await ledger.startCalls('memory', 'submit', [tasks], clock.now()))[0]);
    // As long as it may be alive nobody takes over, and the call that the vendor takes at a time is its own. Also where its
    // jobs were not kept.
    await loseJobs(schema, must(other).fleet);
    const others = await dueNow(must(other));
    expect(others.map(({ id }) => id)).toEqual([11, 12, 13, 14, 15, 16, 17, 18, 19, 20]);
    await must(other).fleet.ledger.release?.({ tasks: others });
    await must(other).engine.run({ signal: AbortSignal.timeout(300) });
    await must(other).fleet.beat();
    expect(vendor.submits()).toEqual([]);
    await letTimePass(schema, 40, 'WHERE id = 1');
    await must(other).fleet.beat();
    expect(countStates(await allTasks(ledger))).toEqual({ ready: 10, 'in-doubt': 10 });
    // Its answer comes late: it is not taken.
    const steps = tasks.map((task) => ({
      task,
      change: { event: 'submit-answered', state: 'deleted', assurance: 'confirmed' } as const,
    }));
    await ledger.completeCall(call, { result: 'answered', steps }, clock.now());
    expect(countStates(await allTasks(ledger))).toEqual({ ready: 10, 'in-doubt': 10 });
    await runSql(`UPDATE ${schema}.calls SET started_at = started_at - 60000`);
    await must(other).engine.run({ waitAtMostMs: 100 });
    expect(vendor.calls.filter(({ kind }) => kind === 'recover').length).toBe(1);
    expect(vendor.submits().length).toBe(2);
    expect(vendor.sentTwice()).toEqual([]);
    expect(countStates(await allTasks(ledger))).toEqual({ waiting: 20 });
    await expectCountsToBeTrue(schema);
  });

  it('with what it has taken and not begun loses it to others', async () => {
    const values = people(10);
    const vendor = vendorWith(values);
    const { schema, workers } = await workersOn(vendor, 2);
    const [asleep, other] = workers.map(must);
    await must(asleep).engine.accept(requestsFor(values));
    const { ledger, clock } = must(asleep).fleet;
    const tasks = await ledger.dueTasks('memory', 'ready', { now: clock.now(), limit: 10, bisectedBatch: null });
    await must(asleep).fleet.beat();
    await letTimePass(schema, 40, 'WHERE id = 1');
    await must(other).fleet.supervise();
    await must(other).engine.run({ waitAtMostMs: 100 });
    expect(vendor.people.size).toBe(0);
    // It wakes up: what it wanted to send is not what it was.
    expect(await ledger.startCalls('memory', 'submit', [tasks], clock.now())).toEqual([undefined]);
    await ledger.release?.({ tasks });
    expect(await jobsOf(schema)).toEqual([]);
  });

  it('again and again over the same job gives it up, and it is put back in line by hand', async () => {
    const values = people(5);
    const vendor = vendorWith(values);
    const { schema, workers } = await workersOn(vendor, 1);
    const { engine, fleet } = must(workers[0]);
    await engine.accept(requestsFor(values));
    await giveUp(schema, must(workers[0]));
    expect((await fleet.queue()).queues).toMatchObject([
      { connector: 'memory', kind: 'ready', depth: 0, active: 0, dead: 5 },
    ]);
    await engine.run({ waitAtMostMs: 0 });
    expect(vendor.people.size).toBe(5);
    // What was given up is not missing: somebody has to decide.
    expect(await fleet.reconcile()).toEqual({ made: 0, settled: 0 });
    expect(await fleet.redrive('other')).toBe(0);
    // One of them is in line again by itself: that job stays as it is.
    await runSql(`UPDATE ${schema}.tasks SET job = NULL WHERE id = 1`);
    await fleet.reconcile();
    const jobOfFirst = async () => (await runSql(`SELECT job FROM ${schema}.tasks WHERE id = 1`))[0]?.job;
    const own = await jobOfFirst();
    expect(await fleet.redrive('memory')).toBeGreaterThanOrEqual(4);
    expect(await jobOfFirst()).toBe(own);
    expect((await fleet.queue()).queues).toMatchObject([
      { connector: 'memory', kind: 'ready', depth: 5, due: 5, dead: 0 },
    ]);
    await engine.run({ waitAtMostMs: 0 });
    expect(vendor.people.size).toBe(0);
    expect(await jobsOf(schema)).toEqual([]);
  });

  it('leaves a dead letter, which takes nothing from whoever has the task by now', async () => {
    const values = people(5);
    const { schema, workers } = await workersOn(vendorWith(values), 2);
    const [holder, other] = workers.map(must);
    await must(holder).engine.accept(requestsFor(values));
    await giveUp(schema, must(holder));
    // Three of them come back in another way, and are taken.
    await runSql(
      `UPDATE ${schema}.tasks SET next_at = next_at - 1 WHERE id IN (SELECT id FROM ${schema}.tasks LIMIT 3)`,
    );
    expect((await dueNow(must(holder))).length).toBe(3);
    expect(await must(other).fleet.redrive('memory')).toBe(5);
    expect((await dueNow(must(other))).length).toBe(2);
  });
});

/** Has every job of the connector given up: six workers end over each of them. */
async function giveUp(schema: string, { fleet }: Pick<Parameters<typeof dueNow>[0], 'fleet'>): Promise<void> {
  for (let round = 0; round < 6; round += 1) {
    await fleet.ledger.dueTasks('memory', 'ready', { now: fleet.clock.now(), limit: 10, bisectedBatch: null });
    await runSql(`UPDATE ${schema}_queue.job SET heartbeat_on = heartbeat_on - interval '40s' WHERE state = 'active'`);
    await runSql(`UPDATE ${schema}_queue.queue SET monitor_on = NULL, monitor_claim_on = NULL`);
    await fleet.supervise();
  }
}

describe('a worker that is there', () => {
  it('keeps what it has taken by its heartbeat', async () => {
    const values = people(5);
    const { schema, workers } = await workersOn(vendorWith(values), 2);
    const [own, other] = workers.map(must);
    await must(own).engine.accept(requestsFor(values));
    expect((await dueNow(must(own))).length).toBe(5);
    await runSql(`UPDATE ${schema}_queue.job SET heartbeat_on = heartbeat_on - interval '40s'`);
    await must(own).fleet.beat();
    await superviseNow(schema, must(other).fleet);
    expect(await dueNow(must(other))).toEqual([]);
    await loseJobs(schema, must(other).fleet);
    expect((await dueNow(must(other))).length).toBe(5);
  });

  it('is the only one who asks about a call in doubt', async () => {
    const values = people(2);
    const { workers } = await workersOn(vendorWith(values, { canRecover: true, repeat: 'costly', mode: 'polled' }), 2);
    const [own, other] = workers.map((worker) => must(worker).fleet);
    await must(workers[0]).engine.accept(requestsFor(values));
    await must(workers[1]).engine.find([{ type: 'user_id', value: 'nobody' }]);
    const tasks = await dueNow(must(workers[0]));
    const ask = async (fleet: Fleet) =>
      must(await fleet.ledger.startCalls('memory', 'recover', [tasks], fleet.clock.now()))[0];
    const asked = must(await ask(must(own)));
    expect(await ask(must(other))).toBeUndefined();
    await must(own).ledger.completeCall(asked, { result: 'timed-out', steps: [] }, must(own).clock.now());
    expect(await ask(must(other))).toBe(asked + 1);
  });
});

describe('tasks and jobs', () => {
  it('that are not in line are mended', async () => {
    const values = people(6);
    const vendor = vendorWith(values);
    const { schema, workers } = await workersOn(vendor, 1);
    const { engine, fleet } = must(workers[0]);
    await engine.accept(requestsFor(values));
    expect(await fleet.reconcile()).toEqual({ made: 0, settled: 0 });
    await runSql(`DELETE FROM ${schema}_queue.job WHERE (data->>'task')::int <= 2`);
    await runSql(`UPDATE ${schema}_queue.job SET data = '{"task": 999}' WHERE (data->>'task')::int = 3`);
    expect(await fleet.reconcile()).toEqual({ made: 3, settled: 1 });
    expect(await fleet.reconcile()).toEqual({ made: 0, settled: 0 });
    await engine.run({ waitAtMostMs: 0 });
    expect(vendor.people.size).toBe(0);
    expect(vendor.sentTwice()).toEqual([]);
  });

  it('are compared by one worker for all, and by another one where that one is gone', async () => {
    const values = people(4);
    const { schema, workers } = await workersOn(vendorWith(values), 3);
    const [first, second, third] = workers.map((worker) => must(worker).fleet);
    await must(workers[0]).engine.accept(requestsFor(values));
    const breakSome = async () => {
      await runSql(`DELETE FROM ${schema}_queue.job WHERE (data->>'task')::int <= 2`);
      await runSql(`UPDATE ${schema}_queue.job SET data = '{"task": 999}' WHERE (data->>'task')::int = 3`);
    };
    const letAMinutePass = () => runSql(`UPDATE ${schema}.ledger_head SET reconciled_at = reconciled_at - 60000`);

    await breakSome();
    const turns = await Promise.all([first, second, third].map((fleet) => must(fleet).reconcileInTurn()));
    expect(turns.filter((turn) => turn !== undefined)).toEqual([{ made: 3, settled: 1 }]);
    await breakSome();
    expect(await must(second).reconcileInTurn()).toBeUndefined();
    await letAMinutePass();
    expect(await must(second).reconcileInTurn()).toEqual({ made: 3, settled: 1 });

    // Somebody is at it for longer than a minute, and dies over it.
    const slow = new Client({ connectionString: serverUrl() });
    slow.on('error', () => {});
    await slow.connect();
    await slow.query('BEGIN');
    await slow.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`expunge/reconcile/${schema}_queue`]);
    const { rows } = await slow.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    await breakSome();
    await letAMinutePass();
    expect(await must(third).reconcileInTurn()).toBeUndefined();
    await runSql(`SELECT pg_terminate_backend(${must(rows[0]).pid}, 5000)`);
    await letAMinutePass();
    expect(await must(third).reconcileInTurn()).toEqual({ made: 3, settled: 1 });
    expect(await must(first).reconcile()).toEqual({ made: 0, settled: 0 });
  });

  it('that are gone altogether are made anew, whatever a round mends, and the soonest due first', async () => {
    const values = people(23);
    const vendor = vendorWith(values);
    const { schema, workers } = await workersOn(vendor, 1);
    const { engine, fleet } = must(workers[0]);
    await engine.accept(requestsFor(values));
    await runSql(`UPDATE ${schema}.tasks SET next_at = next_at - id * 60000`);
    await fleet.reconcile();
    await runSql(`DELETE FROM ${schema}_queue.job`);
    // What a restored ledger has besides: workers and calls of the time before.
    await runSql(`UPDATE ${schema}.workers SET seen_at = seen_at - 3600000`);
    expect(await fleet.reconcile(5)).toEqual({ made: 23, settled: 0 });
    expect((await fleet.queue()).queues).toMatchObject([{ kind: 'ready', depth: 23 }]);
    await fleet.beat();
    await engine.run({ waitAtMostMs: 0 });
    expect(vendor.people.size).toBe(0);
    expect(vendor.submits()[2]?.values).toEqual(['user-0', 'user-1', 'user-2']);
    expect(vendor.sentTwice()).toEqual([]);
  });

  it('carry nobody', async () => {
    const values = people(6);
    const vendor = vendorWith(values);
    const { schema, workers } = await workersOn(vendor, 1);
    await must(workers[0]).engine.accept(requestsFor(values));
    const rows = await runSql(`SELECT CAST(job AS text) AS row FROM ${schema}_queue.job`);
    expect(rows.length).toBe(6);
    for (const { row } of rows) expect(String(row)).not.toMatch(/user-/);
    expect((await runSql(`SELECT CAST(data AS text) AS data FROM ${schema}_queue.job ORDER BY 1`))[0]).toEqual({
      data: '{"task": 1}',
    });
  });
});

describe('what one worker meets', () => {
  it('slows all down: a refusal is waited for by everybody, and learned from', async () => {
    const values = people(30);
    const rates = [{ kinds: ['submit' as const], calls: 10, perMs: 1000 }];
    const vendor = vendorWith(values, { maxTargets: 1, rates });
    vendor.faults.push({ code: 'rate-limited', retryAfterMs: 400 });
    const { schema, workers } = await workersOn(vendor, 2);
    const [first, second] = workers.map(must);
    await must(first).engine.accept(requestsFor(values.slice(0, 1)));
    await must(first).engine.run({ waitAtMostMs: 0 });
    await must(first).engine.accept(requestsFor(values.slice(1, 3)));
    const refusedAt = must(vendor.calls[0]).at;
    await must(second).engine.run();
    expect(vendor.people.size).toBe(27);
    expect(must(vendor.calls[1]).at - refusedAt).toBeGreaterThanOrEqual(395);
    const [row] = await runSql(`SELECT adaptive, throttle FROM ${schema}.connectors`);
    expect(JSON.parse(String(row?.adaptive))).toMatchObject({ '8/1000 submit': { refusals: 1 } });
    expect(JSON.parse(String(row?.throttle)).submit).toBeLessThan(1);
  });

  it('pauses all, until somebody decides, and those who stay go on', async () => {
    const values = people(10);
    const vendor = vendorWith(values, { maxTargets: 1, callsInFlight: 1 });
    vendor.faults.push({ code: 'credentials-rejected' });
    const { workers } = await workersOn(vendor, 2);
    const [first, second] = workers.map(must);
    await must(first).engine.accept(requestsFor(values));
    await must(first).engine.run();
    const report = await must(second).engine.run();
    expect(report.connectors[0]?.paused?.code).toBe('credentials-rejected');
    expect(vendor.submits().length).toBe(1);
    const stop = new AbortController();
    const running = must(second).engine.run({ stays: true, signal: stop.signal });
    await must(first).fleet.ledger.setPaused('memory', undefined);
    await until(() => vendor.people.size === 0);
    stop.abort();
    expect((await running).isSettled).toBe(true);
  });

  it("uses up a month's volume for all", async () => {
    const values = people(20);
    const vendor = vendorWith(values, { maxTargets: 4, targetsPerMonth: 10, takesMs: 5 });
    const { workers } = await workersOn(vendor, 2);
    await must(workers[0]).engine.accept(requestsFor(values));
    await Promise.all(workers.map(({ engine }) => engine.run({ waitAtMostMs: 300 })));
    expect(vendor.people.size).toBe(10);
  });
});

function countStates(tasks: readonly { readonly state: string }[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { state } of tasks) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

describe('a call that a worker persists too late to make it', () => {
  it('leaves in doubt what was in doubt, with its reason', async () => {
    const vendor = vendorWith(['user-0'], { maxTargets: 1 });
    const { workers } = await workersOn(vendor, 1);
    const worker = must(workers[0]);
    await worker.engine.accept(requestsFor(['user-0']));
    const { ledger, clock } = worker.fleet;
    // A first call that ends without an answer: the vendor may have deleted the person.
    const task = must((await dueNow(worker))[0]);
    const call = must((await ledger.startCalls('memory', 'submit', [[task]], clock.now()))[0]);
    const change = {
      event: 'submit-failed',
      state: 'in-doubt',
      reason: 'timed-out',
      message: 'No answer.',
      attempts: 1,
    } as const;
    const steps = [{ task, change: { ...change, nextAt: clock.now() } }];
    await ledger.completeCall(call, { result: 'timed-out', steps }, clock.now());
    // It is to be sent again, and the machine sleeps over the commit.
    const again = await ledger.dueTasks('memory', 'in-doubt', { now: clock.now(), limit: 1 });
    const real = Date.now;
    const started = ledger.startCalls('memory', 'submit', [again], clock.now());
    Date.now = () => real() + 20_000;
    try {
      expect(await started).toEqual([undefined]);
    } finally {
      Date.now = real;
    }
    expect(await allTasks(ledger)).toMatchObject([
      { state: 'in-doubt', reason: 'timed-out', message: 'No answer.', attempts: 1 },
    ]);
    expect(vendor.submits()).toEqual([]);
  });
});

describe('a hold', () => {
  it('keeps workers from a task that was ready before, and lets them go on when it is lifted', async () => {
    const values = people(3);
    const vendor = vendorWith(values, { maxTargets: 1 });
    const { workers } = await workersOn(vendor, 2);
    const [one, other] = workers.map(must);
    await must(one).engine.accept(requestsFor(values));
    await must(other).engine.hold({ type: 'user_id', value: 'user-1' }, 'litigation');
    await must(one).engine.run({ waitAtMostMs: 0 });
    expect([...vendor.people]).toEqual(['user-1']);
    // The job of the person on hold is settled by now.
    await must(one).engine.run({ waitAtMostMs: 0 });
    await must(other).engine.release({ type: 'user_id', value: 'user-1' });
    await must(one).engine.run({ waitAtMostMs: 0 });
    expect([...vendor.people]).toEqual([]);
  });
});
