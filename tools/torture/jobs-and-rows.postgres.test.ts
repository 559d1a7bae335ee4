import { randomBytes } from 'node:crypto';
import { createCleverTapConnector } from '@expunge/connector-clevertap';
import { createEngine } from '@expunge/engine';
import { openFleet } from '@expunge/postgres';
import { Client } from 'pg';
import { beforeEach, expect, inject, it } from 'vitest';
import { compareJobsWithRows } from './jobs-and-rows.ts';

let schemas: { readonly ledger: string; readonly queue: string };

// Six tasks that are due in an hour, each with its job, and nobody at work.
beforeEach(async () => {
  const ledger = `expunge_test_${randomBytes(6).toString('hex')}`;
  schemas = { ledger, queue: `${ledger}_queue` };
  const fleet = await openFleet({ url: inject('postgresUrl'), schema: ledger, key: Buffer.alloc(32, 7) });
  const connector = createCleverTapConnector({ accountId: 'account', passcode: 'passcode', region: 'eu' });
  const engine = createEngine({
    connectors: [{ name: 'clevertap', connector }],
    ledger: fleet.ledger,
    clock: fleet.clock,
  });
  await engine.accept(
    Array.from({ length: 6 }, (_, index) => ({
      id: `r-${index}`,
      subject: { identifiers: [{ type: 'user_id', value: `person-${index}` }] },
      law: 'gdpr' as const,
      receivedAt: new Date().toISOString(),
    })),
    { waitMs: 3_600_000 },
  );
  await fleet.close();
  return () => sql(`DROP SCHEMA ${schemas.ledger} CASCADE; DROP SCHEMA ${schemas.queue} CASCADE`);
});

async function sql(text: string): Promise<void> {
  const client = new Client({ connectionString: inject('postgresUrl') });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

const look = () => compareJobsWithRows(inject('postgresUrl'), schemas);
const jobOf = (task: number) => `(data->>'task')::int = ${task}`;

it('finds nothing where there is nothing', async () => {
  expect(await look()).toEqual({ withoutJob: 0, withoutRow: 0 });
});

it.each<[string, (place: typeof schemas) => string, Awaited<ReturnType<typeof look>>]>([
  [
    'a task whose job is gone',
    ({ queue }) => `DELETE FROM ${queue}.job WHERE ${jobOf(2)}`,
    { withoutJob: 1, withoutRow: 0 },
  ],
  [
    'a task whose job has ended',
    ({ queue }) => `UPDATE ${queue}.job SET state = 'completed' WHERE ${jobOf(2)}`,
    { withoutJob: 1, withoutRow: 0 },
  ],
  [
    'a job whose task wants none',
    ({ ledger }) =>
      `SET session_replication_role TO replica; UPDATE ${ledger}.tasks SET next_at = NULL, job = NULL WHERE id = 3`,
    { withoutJob: 0, withoutRow: 1 },
  ],
  [
    'a task with the job of another time',
    ({ ledger }) =>
      `SET session_replication_role TO replica; UPDATE ${ledger}.tasks SET job = gen_random_uuid() WHERE id <= 2`,
    { withoutJob: 2, withoutRow: 2 },
  ],
])('finds %s', async (_what, plant, expected) => {
  await sql(plant(schemas));
  expect(await look()).toEqual(expected);
});

it('takes what is noted to be made for no fault', async () => {
  await sql(`UPDATE ${schemas.ledger}.tasks SET next_at = next_at + 1 WHERE id = 1`);
  expect(await look()).toEqual({ withoutJob: 0, withoutRow: 0 });
  await sql(`DELETE FROM ${schemas.ledger}.job_changes`);
  expect(await look()).toEqual({ withoutJob: 1, withoutRow: 1 });
});
