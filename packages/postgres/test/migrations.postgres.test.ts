import { createCipher, makeKey } from '@expunge/engine/storage';
import { Client } from 'pg';
import { expect, inject, it, onTestFinished } from 'vitest';
import { newSchema, runSql } from '../../engine/test/test-ledger.ts';
import { migratePostgresLedger } from '../src/migrate.ts';
import { firstOfMajorVersion, migrations, schemaVersion } from '../src/schema.ts';
import { until } from './fleet-setting.ts';

const key = Buffer.alloc(32, 5);

function wrappedByOlderVersion(digestSecret: Uint8Array): Uint8Array {
  return createCipher(key, digestSecret).encrypt(Buffer.from(digestSecret).toString('base64'), 'ledger/digest-secret');
}

/** A ledger as the first version made it. */
async function openFirstVersion(schema: string): Promise<Client> {
  const client = new Client({ connectionString: inject('postgresUrl') });
  await client.connect();
  onTestFinished(() => client.end());
  await client.query(`CREATE SCHEMA ${schema}; SET search_path TO ${schema}; ${migrations[0]}`);
  await client.query(`INSERT INTO meta (key, value) VALUES ('digest-secret', $1)`, [
    Buffer.from(wrappedByOlderVersion(makeKey())),
  ]);
  await client.query(`INSERT INTO connectors (name, vendor, operation) VALUES ('memory', 'memory', 'profile')`);
  return client;
}

// What a worker of the first version writes in one transaction, with statements that know its columns only.
const begin = 'BEGIN; UPDATE ledger_head SET revision = revision + 1';
const work = (id: number) => `
  INSERT INTO sealed_pages (kind, sealed) VALUES ('requests', '\\x00');
  INSERT INTO requests (id, request_id, subject_digest, law, received_at, due_at, accepted_at, open_tasks, intake, page)
    VALUES (${id}, 'r-${id}', '\\x00', 'gdpr', 0, 0, 0, 1, 1, 1);
  INSERT INTO tasks (id, request, connector, state, target_type, digest, page, next_at)
    VALUES (${id}, ${id}, 1, 'ready', 'id', '\\x0${id}', 1, 0);
  INSERT INTO calls (id, connector, kind, targets, tasks, started_at) VALUES (${id}, 1, 'submit', 1, '${id}', 0);
  INSERT INTO submissions (id, connector, receipt, submitted_at, next_at) VALUES (${id}, 1, '{}', 0, 0);
  UPDATE connectors SET failures = failures + 1;
  UPDATE sealed_pages SET sealed = '\\x01'`;

it('waits for a worker of an older version that is in the middle of a transaction, and loses nothing of it', async () => {
  const schema = newSchema();
  const old = await openFirstVersion(schema);
  // Were they to wait for each other, it would be this one that PostgreSQL ends.
  await old.query(`SET deadlock_timeout TO '10ms'`);
  await old.query(begin);
  const migration = migratePostgresLedger({ url: inject('postgresUrl'), schema, key });
  const { rows } = await old.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  await until(async () => {
    const waiting = await runSql(`SELECT 1 FROM pg_stat_activity WHERE ${rows[0]?.pid} = ANY (pg_blocking_pids(pid))`);
    return waiting.length > 0;
  });
  await old.query(work(1));
  await old.query('COMMIT');
  expect(await migration).toEqual({ from: 1, to: schemaVersion });

  // What it has written is work for the workers of the new version.
  const [row] = await runSql(`SELECT
    (SELECT count(*) FROM ${schema}.tasks WHERE job IS NOT NULL) + (SELECT count(*) FROM ${schema}.submissions WHERE job IS NOT NULL) AS jobs,
    (SELECT count(*) FROM ${schema}.job_changes) > 0 AS "hasChanges"`);
  expect(row).toEqual({ jobs: 2, hasChanges: 't' });
  // A worker of the old version is refused by the major number before it writes: here it finds none of its tables.
  await expect(old.query(work(2))).rejects.toThrow('sealed_pages');
});

it('only adds within a major version, and nothing that an older worker would have to fill in', () => {
  for (const step of migrations.filter((_, index) => index > 0 && index + 1 !== firstOfMajorVersion)) {
    const statements = step.replaceAll(/--[^\n]*/g, '').replaceAll(/\$\$[\s\S]*?\$\$/g, '');
    expect(statements).not.toMatch(
      /\b(DROP|RENAME|TRUNCATE|ALTER COLUMN|SET NOT NULL|ADD CONSTRAINT|ADD CHECK|DELETE FROM)\b/i,
    );
    for (const [column] of statements.matchAll(/ADD COLUMN[^,;]*/gi)) {
      if (/NOT NULL/i.test(column)) expect(column).toMatch(/DEFAULT/i);
    }
  }
});
