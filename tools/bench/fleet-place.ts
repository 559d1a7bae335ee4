import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { type DemoWorker, startWorker } from '../demo/run-expunge.ts';
import { type PostgresServer, startPostgresServer } from '../postgres-server.ts';
import type { BenchConnector, ConnectorChoice } from './bench-connectors.ts';
import { expungePath, openWorkplace, type Workplace } from './workplace.ts';

/** A server that keeps its word as SQLite does in the other rows: what is committed is on the disk. */
export function startDurableServer(): Promise<PostgresServer> {
  return startPostgresServer({ settings: { fsync: 'on', full_page_writes: 'on', synchronous_commit: 'on' } });
}

/** A folder whose ledger is a fleet's, in a schema of its own, and workers that wait for something to do. */
export interface FleetPlace {
  readonly place: Workplace;
  /** Takes a list in, and resolves when all of it is settled. How long that took, in milliseconds. */
  deleteList(list: string): Promise<number>;
  /** Lets the workers drain, and drops what they worked on. */
  close(): Promise<void>;
}

/** Makes one, with so many workers that are ready. */
export async function openFleetPlace(
  server: PostgresServer,
  options: {
    readonly scratch: string;
    readonly url: string;
    readonly choice: BenchConnector | ConnectorChoice;
    readonly workers: number;
    readonly environment?: Readonly<Record<string, string>>;
  },
): Promise<FleetPlace> {
  const schema = `bench_${randomBytes(6).toString('hex')}`;
  const ledger = { postgres: { url: { env: 'DATABASE_URL' }, schema }, key: { env: 'EXPUNGE_LEDGER_KEY' } };
  const place = openWorkplace(options.scratch, 'fleet', options.url, [options.choice], ledger);
  // Not a secret: the database is gone when this ends.
  const ours = { DATABASE_URL: server.url, EXPUNGE_LEDGER_KEY: '5a'.repeat(32), ...options.environment };
  const client = new Client({ connectionString: server.url });
  await client.connect();
  const workers: DemoWorker[] = [];
  const close = async () => {
    try {
      const codes = await Promise.all(workers.map((worker) => worker.drain()));
      if (codes.some((code) => code !== 0)) throw new Error(`The workers ended with ${codes.join(', ')}.`);
      await client.query(`DROP SCHEMA IF EXISTS "${schema}_queue" CASCADE; DROP SCHEMA IF EXISTS "${schema}" CASCADE`);
    } finally {
      await client.end();
    }
  };
  try {
    await place.expunge(['ledger', 'migrate'], { environment: ours });
    for (let number = 1; number <= options.workers; number += 1) {
      const environment = { ...place.environment, ...ours };
      workers.push(await startWorker(expungePath, place.folder, environment, `worker-${number}`, () => {}));
    }
  } catch (error) {
    await close().catch(() => {});
    throw error;
  }
  const isSettled = async () => {
    const { rows } = await client.query<{ open: boolean }>(
      `SELECT EXISTS (SELECT 1 FROM "${schema}".tasks WHERE next_at IS NOT NULL OR state = 'submitting')
         OR EXISTS (SELECT 1 FROM "${schema}".submissions WHERE next_at IS NOT NULL) AS open`,
    );
    return rows[0]?.open === false;
  };
  return {
    place,
    async deleteList(list) {
      const startedAt = performance.now();
      await place.expunge(['delete', list, '--detach', '--quiet'], { environment: ours, codes: [0, 3] });
      while (!(await isSettled())) {
        if (performance.now() - startedAt > 600_000) throw new Error('The fleet does not come to an end.');
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      return performance.now() - startedAt;
    },
    close,
  };
}
