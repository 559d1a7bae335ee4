import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createCipher } from '../../crypto/cipher.ts';
import type { TaskState } from '../../tasks/task-state.ts';
import { type TaskEventName, transitions } from '../../tasks/transitions.ts';
import type { PlannedRequest, TaskChange } from '../ledger.ts';
import { migrate } from '../sqlite/schema.ts';
import { SqliteSql } from '../sqlite/sqlite-sql.ts';
import { setOrder } from './connector-order.ts';
import { addHold } from './holds.ts';
import { addRequests } from './import-requests.ts';
import { Store } from './store.ts';
import { changeTask, changeTasks } from './task-writer.ts';

const people = 12;
const connectors = ['first', 'second'];

interface World {
  /** Whom each person's records belong to: two who share one make a primary and a duplicate. */
  readonly records: readonly number[];
  readonly hasOrder: boolean;
}

async function openStore(world: World): Promise<Store> {
  const database = new DatabaseSync(':memory:');
  migrate(database, ':memory:');
  const secret = { digestSecret: new Uint8Array(32), signedFrom: 1 };
  const cipher = createCipher(new Uint8Array(32), secret.digestSecret);
  const store = await Store.open(new SqliteSql(database), { cipher, secret, now: () => 0 });
  for (const name of connectors)
    await store.run('INSERT INTO connectors (name, vendor, operation) VALUES (?, ?, ?)', name, name, 'x');
  await store.readConnectors();
  const [first = '', second = ''] = connectors;
  await setOrder(store, [{ name: first, vendor: '', operation: '', after: world.hasOrder ? [second] : [] }], 0);
  await addRequests(store, world.records.map(requestOf), { importId: 1, source: null }, 0);
  await commit(store);
  return store;
}

async function commit(store: Store): Promise<void> {
  store.endStep();
  await store.beforeCommit();
  store.afterCommit();
}

function requestOf(record: number, person: number): PlannedRequest {
  return {
    request: {
      id: `r-${person}`,
      subject: { identifiers: [{ type: 'user_id', value: `${person}` }] },
      law: 'gdpr',
      receivedAt: '2026-01-01T00:00:00Z',
      dueAt: '2026-02-01T00:00:00Z',
    },
    // Everybody has two records at each connector, the second one alone.
    tasks: connectors.flatMap((connector) =>
      [`${record}`, `own-${person}`].map((value) => ({
        connector,
        target: { type: 'id', value },
        state: 'ready' as const,
        reason: undefined,
      })),
    ),
    notBefore: 0,
  };
}

/** Everything that a move of tasks may change, and who is named in the audit log in which order. */
async function everything(store: Store): Promise<unknown> {
  await commit(store);
  return {
    tasks: await store.all('SELECT * FROM tasks ORDER BY id'),
    requests: await store.all(
      'SELECT id, open_tasks, done_tasks, undone_tasks, cancelled_tasks, settled_at FROM requests ORDER BY id',
    ),
    counts: await store.all('SELECT * FROM task_counts WHERE tasks > 0 ORDER BY connector, state, assurance, reason'),
    audit: await store.all('SELECT text FROM audit ORDER BY sequence'),
  };
}

const world: fc.Arbitrary<World> = fc.record({
  records: fc.oneof(
    fc.constant(Array.from({ length: people }, (_, person) => person)),
    fc.array(fc.nat({ max: 40 }), { minLength: people, maxLength: people }),
  ),
  hasOrder: fc.boolean(),
});

// Every way that the table has. What is blocked goes on when others are sent: connector-order.ts looks at that.
const ways = (Object.keys(transitions) as TaskState[])
  .flatMap((from) =>
    (Object.entries(transitions[from]) as [TaskEventName, readonly TaskState[]][]).flatMap(([event, states]) =>
      states.map((state) => ({ from, event, state })),
    ),
  )
  .filter(({ event }) => event !== 'others-sent');

const change = fc.record(
  {
    way: fc.constantFrom(...ways),
    nextAt: fc.nat({ max: 9 }),
    reason: fc.constantFrom('a', 'b'),
    assurance: fc.constantFrom('confirmed', 'verified'),
    attempts: fc.nat({ max: 1 }),
    readBefore: fc.constantFrom('present', 'absent', 'unread'),
    unreadReason: fc.constantFrom('', 'timed-out'),
    isNotExecuted: fc.boolean(),
    isUnsent: fc.boolean(),
  },
  { requiredKeys: ['way', 'nextAt'] },
);

const tasksOfOne = 2 * people;
const move = fc.record({
  // The tasks of a connector are a run of numbers: most moves are of a good part of one.
  from: fc.constantFrom(1, 1, 1 + tasksOfOne, 1 + tasksOfOne, 5, 30),
  length: fc.constantFrom(tasksOfOne, tasksOfOne, people, 3),
  // Every task, or those that are left when every second or third is taken out.
  leftOut: fc.constantFrom(undefined, undefined, 2, 3),
  change,
  // One for all, or one for each of some.
  links: fc.record({ call: fc.nat({ max: 3 }), submission: fc.nat({ max: 3 }) }, { requiredKeys: [] }),
  areLinksOwn: fc.boolean(),
});
const hold = fc.record({ holds: fc.nat({ max: people - 1 }) });

it('moves many tasks as it moves one after the other', async () => {
  await fc.assert(
    fc.asyncProperty(
      world,
      fc.array(fc.oneof({ weight: 5, arbitrary: move }, hold), { maxLength: 5 }),
      async (given, steps) => {
        const together = await openStore(given);
        const apart = await openStore(given);
        for (const [now, step] of steps.entries()) {
          if ('holds' in step) {
            for (const store of [together, apart])
              await addHold(store, { identifiers: [{ type: 'user_id', value: `${step.holds}` }] }, 'why', now);
            continue;
          }
          const { from, length, leftOut, links, areLinksOwn } = step;
          const { way, ...rest } = step.change;
          const wanted: TaskChange = { ...rest, event: way.event, state: way.state };
          // Only primaries are moved; their duplicates go along.
          const rows = await together.all<{ id: number }>(
            'SELECT id FROM tasks WHERE id >= ? AND id < ? AND state = ? AND duplicate_of IS NULL ORDER BY id',
            from,
            from + length,
            way.from,
          );
          const ids = rows.map(({ id }) => id).filter((id) => leftOut === undefined || id % leftOut !== 0);
          const linkOf = (link: number | undefined, id: number) =>
            link === undefined || !areLinksOwn ? link : link + (id % 3);
          const mapOf = (link: number | undefined) =>
            link === undefined ? undefined : new Map(ids.map((id) => [id, linkOf(link, id) ?? 0] as const));
          const maps = { call: mapOf(links.call), submission: mapOf(links.submission) };
          await changeTasks(together, ids, wanted, now, maps);
          for (const id of ids) {
            const own = { call: linkOf(links.call, id), submission: linkOf(links.submission, id) };
            await changeTask(apart, id, wanted, now, own);
          }
          expect(await everything(together)).toEqual(await everything(apart));
        }
      },
    ),
    { numRuns: 80 },
  );
});
