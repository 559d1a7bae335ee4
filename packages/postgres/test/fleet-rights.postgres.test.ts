import { randomBytes } from 'node:crypto';
import { expect, inject, it, onTestFinished } from 'vitest';
import { runSql } from '../../engine/test/test-ledger.ts';
import { openWorker } from '../src/fleet/open-fleet.ts';
import { migrateFleet, readQueue } from '../src/index.ts';
import { fleetKey as key, newFleetSchema } from './fleet-setting.ts';

/** A user of the database who may do nothing yet, and the address that it comes by. */
async function newUser() {
  const name = `user_${randomBytes(6).toString('hex')}`;
  const url = new URL(inject('postgresUrl'));
  // An invented password for a server that ends with the test.
  await runSql(`CREATE ROLE ${name} LOGIN PASSWORD '${url.password}'`);
  url.username = name;
  onTestFinished(async () => {
    await runSql(`DROP OWNED BY ${name} CASCADE; DROP ROLE ${name}`);
  });
  return { name, url: url.href };
}

const databaseName = () => new URL(inject('postgresUrl')).pathname.slice(1);

async function workOnce(url: string, schema: string): Promise<void> {
  const worker = await openWorker({ url, schema, key }, { isStill: true });
  await worker.ledger.begin([{ name: 'memory', vendor: 'memory', operation: 'delete' }], worker.clock.now());
  await worker.close();
}

it('makes ledger and queue at once: afterwards a worker needs no right to make anything', async () => {
  const schema = newFleetSchema();
  const { name, url } = await newUser();
  await runSql(`GRANT CREATE ON DATABASE ${databaseName()} TO ${name}`);
  expect(await migrateFleet({ url, schema, key })).toMatchObject({ from: 0 });
  await runSql(`REVOKE CREATE ON DATABASE ${databaseName()} FROM ${name}`);
  await workOnce(url, schema);
  expect(await readQueue({ url, schema, key })).toEqual({ queues: [] });
});

it('takes schemas that somebody else has made for it', async () => {
  const schema = newFleetSchema();
  const { name, url } = await newUser();
  await expect(migrateFleet({ url, schema, key })).rejects.toMatchObject({ code: 'access-refused' });
  await runSql(`CREATE SCHEMA ${schema} AUTHORIZATION ${name}; CREATE SCHEMA ${schema}_queue AUTHORIZATION ${name}`);
  await migrateFleet({ url, schema, key });
  await workOnce(url, schema);
});

it('makes nothing where it is only asked how a queue stands', async () => {
  const schema = newFleetSchema();
  const place = { url: inject('postgresUrl'), schema, key };
  await expect(readQueue(place)).rejects.toMatchObject({ code: 'not-found' });
  expect(await runSql(`SELECT 1 FROM pg_namespace WHERE nspname LIKE '${schema}%'`)).toEqual([]);
});
