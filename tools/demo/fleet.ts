import { randomBytes } from 'node:crypto';
import { startPostgresServer } from '../postgres-server.ts';
import { type DemoWorker, startWorker } from './run-expunge.ts';

const workerNames = ['worker-1', 'worker-2', 'worker-3'];

/** A database and the workers on it. */
export interface DemoFleet {
  /** What commands need to find the database. */
  readonly environment: Readonly<Record<string, string>>;
  /** Starts three workers. */
  start(mainPath: string, folder: string, environment: Readonly<Record<string, string>>): Promise<void>;
  /** Lets all workers drain. Whether each of them ended well. */
  drain(): Promise<boolean>;
  /** Ends everything. */
  close(): Promise<void>;
}

/** Brings a PostgreSQL along, for three workers. */
export async function openFleet(say: (line: string) => void): Promise<DemoFleet> {
  const server = await startPostgresServer();
  const workers: DemoWorker[] = [];
  const drain = async () => {
    const codes = await Promise.all(workers.splice(0).map((worker) => worker.drain()));
    return codes.every((code) => code === 0);
  };
  return {
    environment: { DATABASE_URL: server.url, EXPUNGE_LEDGER_KEY: randomBytes(32).toString('hex') },
    async start(mainPath, folder, environment) {
      for (const name of workerNames) workers.push(await startWorker(mainPath, folder, environment, name, say));
    },
    drain,
    async close() {
      await drain();
      await server.stop();
    },
  };
}
