import { type ConfiguredConnector, createEngine, type Engine, systemClock } from '@expunge/engine';
import { inject, onTestFinished } from 'vitest';
import { requestFor } from '../../engine/test/setting.ts';
import { newSchema, runSql } from '../../engine/test/test-ledger.ts';
import { openWorker } from '../src/fleet/open-fleet.ts';

/** The key of the ledgers of these tests. */
export const fleetKey = Buffer.alloc(32, 7);

/** A schema for a ledger and its queue, gone after the test. */
export function newFleetSchema(): string {
  const schema = newSchema();
  onTestFinished(async () => {
    await runSql(`DROP SCHEMA IF EXISTS ${schema}_queue CASCADE`);
  });
  return schema;
}

/** One worker in this process. `isStill`: nothing beside its runs happens by itself. */
export async function openTestWorker(
  schema: string,
  connectors: readonly ConfiguredConnector[],
  options: { readonly isStill?: boolean; readonly random?: () => number } = {},
) {
  const { isStill = true, random = () => 1 } = options;
  const fleet = await openWorker({ url: inject('postgresUrl'), schema, key: fleetKey }, { isStill });
  onTestFinished(() => fleet.close());
  const engine: Engine = createEngine({
    connectors,
    ledger: fleet.ledger,
    clock: fleet.clock,
    random,
    retry: { baseMs: 20 },
  });
  return { fleet, engine };
}

export function people(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `user-${index}`);
}

export function requestsFor(values: readonly string[]) {
  return values.map((value) => requestFor(value, { receivedAt: new Date().toISOString() }));
}

/** Resolves when something has come about, however long that takes on a busy machine. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await systemClock.sleep(10);
}
