import { systemClock } from '@expunge/engine';
import { expect, inject, it } from 'vitest';
import {
  fixture,
  fixtureConnectors,
  fixtureVendors,
  isToBeSent,
  loadFixture,
  loadQueue,
  targetValueOf,
} from '../../engine/test/version-1-fixture.ts';
import { migrateFleet } from '../src/fleet/migrate-fleet.ts';
import { migratePostgresLedger } from '../src/migrate.ts';
import { schemaVersion } from '../src/schema.ts';
import { fleetKey, newFleetSchema, openTestWorker, until } from './fleet-setting.ts';

// What holds of the ledger on both storages is in packages/engine/test/version-1-ledger.test.ts.

/** The version of the ledger of a fleet that the fixture has. */
const fixtureVersion = 3;

it('a ledger of version 1 is migrated once, with the key alone', async () => {
  const place = { url: inject('postgresUrl'), schema: await loadFixture() };
  await expect(migratePostgresLedger({ ...place, key: Buffer.alloc(32, 5) })).rejects.toMatchObject({
    code: 'key-wrong',
  });
  expect(await migratePostgresLedger({ ...place, key: fleetKey })).toEqual({ from: fixtureVersion, to: schemaVersion });
  expect(await migratePostgresLedger({ ...place, key: fleetKey })).toEqual({ from: schemaVersion, to: schemaVersion });
});

it('a worker of this version goes on with the ledger and the queue of a fleet of version 1', async () => {
  const schema = newFleetSchema();
  await loadFixture(schema);
  await loadQueue(schema);
  await migrateFleet({ url: inject('postgresUrl'), schema, key: fleetKey });
  const vendors = fixtureVendors(systemClock);
  const { fleet, engine } = await openTestWorker(schema, fixtureConnectors(vendors));
  // The pause of one connector is kept for a fleet, until an operator ends it.
  const isPaused = (connector: string) => connector === 'locked';
  const wantedAt = (name: string) =>
    fixture.requests.flatMap((request) =>
      request.tasks
        .filter(({ connector, stored }) => connector === name && stored.leader === undefined && !isPaused(connector))
        .filter((task) => isToBeSent(task))
        .map((task) => targetValueOf(request, task)),
    );
  const sentAt = (name: string) =>
    vendors
      .get(name)
      ?.submits()
      .flatMap(({ values }) => values) ?? [];
  // The worker of version 1 is gone: its open call is in doubt once that is found.
  await until(async () => {
    await fleet.beat();
    await engine.run({ waitAtMostMs: 0 });
    return fixture.connectors.every(({ name }) => new Set(sentAt(name)).size >= wantedAt(name).length);
  });
  for (const { name } of fixture.connectors) {
    expect([name, sentAt(name).toSorted()]).toEqual([name, wantedAt(name).toSorted()]);
  }
});
