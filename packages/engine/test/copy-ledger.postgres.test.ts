import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { createEngine } from '../src/create-engine.ts';
import { copyLedger } from '../src/ledger/postgres/copy-ledger.ts';
import { openPostgresLedger } from '../src/ledger/postgres/open-postgres-ledger.ts';
import { openSqliteLedger } from '../src/ledger/sqlite/open-sqlite-ledger.ts';
import { AutoClock } from './auto-clock.ts';
import { MemoryVendor } from './memory-vendor.ts';
import { requestFor } from './setting.ts';
import { newSchema, runSql, temporaryFolder } from './test-ledger.ts';

const key = Buffer.alloc(32, 3);

/** A ledger file with people who are deleted, held, in doubt, forgotten and yet to come, and where it is to go. */
async function openFile() {
  const clock = new AutoClock();
  const vendor = new MemoryVendor({ clock });
  const file = await openSqliteLedger({ path: join(temporaryFolder(), 'ledger.db'), key, clock });
  const connectors = [{ name: 'memory', connector: vendor.connector }];
  const engine = createEngine({ connectors, ledger: file, clock, random: () => 1 });
  await engine.accept([requestFor('gone')]);
  await engine.run({ waitAtMostMs: Number.POSITIVE_INFINITY });
  await file.shred(clock.now());
  await engine.hold({ type: 'user_id', value: 'held' }, 'litigation');
  await engine.accept(['held', 'ada', 'bob'].map((name) => requestFor(name)), { waitMs: 86_400_000 });
  const to = { url: inject('postgresUrl'), schema: newSchema(), key };
  return { clock, vendor, connectors, file, to };
}

it('answers like the file, and is worked on from where the file was left', async () => {
  const { clock, vendor, connectors, file, to } = await openFile();
  const steps: number[] = [];
  const report = await copyLedger(file, to, ({ done, total }) => steps.push(done / total));
  expect(report).toMatchObject({ requests: 4, tasks: 4 });
  expect(steps.at(-1)).toBe(1);
  const head = await file.auditHead();
  await file.close();

  const copy = await openPostgresLedger({ ...to, clock });
  expect(await copy.auditHead()).toEqual(head);
  expect(await copy.request('r-gone', { identifiers: true })).not.toHaveProperty('identifiers');
  // Fingerprints are the same: whoever was deleted is found again, and whoever comes in again is known.
  expect(await copy.requestsOfTarget('memory', { type: 'user_id', value: 'gone' })).toEqual(['r-gone']);
  const engine = createEngine({ connectors, ledger: copy, clock, random: () => 1 });
  expect(await engine.accept([requestFor('ada'), requestFor('eve')])).toMatchObject({ accepted: 1, known: 1 });
  await clock.sleep(86_400_000);
  await engine.run({ waitAtMostMs: Number.POSITIVE_INFINITY });
  const states = Object.fromEntries(
    await Promise.all(
      ['gone', 'held', 'ada', 'bob', 'eve'].map(async (name) => {
        const found = await copy.request(`r-${name}`);
        return [name, found?.tasks.map(({ state }) => state)] as const;
      }),
    ),
  );
  expect(states).toEqual({ gone: ['absent'], held: ['held'], ada: ['absent'], bob: ['absent'], eve: ['absent'] });
  expect(vendor.submittedTimes('held')).toBe(0);
  expect(['gone', 'ada', 'bob', 'eve'].map((name) => vendor.submittedTimes(name))).toEqual([1, 1, 1, 1]);
  await copy.close();
});

it('refuses a ledger that somebody has worked on, and another key, and leaves both as they are', async () => {
  const { file, to } = await openFile();
  await expect(copyLedger(file, { ...to, key: Buffer.alloc(32, 4) })).rejects.toMatchObject({ code: 'key-wrong' });
  await runSql(`DROP SCHEMA IF EXISTS ${to.schema} CASCADE`);
  await copyLedger(file, to);
  await expect(copyLedger(file, to)).rejects.toMatchObject({ name: 'LedgerError', code: 'not-empty' });
  await file.close();
});

it('is nothing at all where it is cut off', async () => {
  const { file, to } = await openFile();
  const cut = { ...file, readTable: async (table: Parameters<typeof file.readTable>[0], after: number) => {
    if (table === 'audit') throw new Error('cut off');
    return file.readTable(table, after);
  } };
  await expect(copyLedger(cut, to)).rejects.toThrow();
  expect(await runSql(`SELECT count(*) AS requests FROM ${to.schema}.requests`)).toEqual([{ requests: 0 }]);
  await copyLedger(file, to);
  await file.close();
});

it.each([
  ['the summary', "UPDATE tasks SET state = 'failed' WHERE id = 2; UPDATE task_counts SET tasks = tasks + 1"],
  ['the exclusion list', "UPDATE holds SET reason = 'another'"],
  ['request 1 in order of arrival', "UPDATE requests SET law = 'ccpa' WHERE id = 1"],
])('says where the copy does not answer like the file: %s', async (what, change) => {
  const { file, to } = await openFile();
  // Something changes rows on their way.
  const changing = { ...file, countRows: file.countRows, summary: file.summary };
  await copyLedger(file, to);
  await runSql(`SET search_path TO ${to.schema}; ${change}`);
  const { findDifference } = await import('../src/ledger/postgres/find-difference.ts');
  const copy = await openPostgresLedger({ ...to, readOnly: true });
  expect(await findDifference(changing, copy)).toBe(what);
  await copy.close();
  await file.close();
});
