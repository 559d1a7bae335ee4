import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { expect } from 'vitest';
import { openWorkplace, type RunningProcess, type Workplace } from './expunge-process.ts';
import { sandboxConfig, type TestConnector, type VendorUrls } from './sandbox-config.ts';

/** A key of a fleet's ledger. */
const ledgerKey = 'fe'.repeat(32);

/** A worker that is going on. */
export interface RunningWorker extends RunningProcess {
  /** Where it answers for its health. */
  readonly health: string;
  /** What it has said so far. */
  messages(): string;
}

/** A folder whose configuration names a ledger in a schema of its own. */
export interface FleetWorkplace extends Workplace {
  /** The schema. */
  readonly schema: string;
  /** Writes the configuration. `extra` is added to each connector of that name. */
  configure(
    urls: VendorUrls,
    names: readonly TestConnector[],
    connectors?: Partial<Record<TestConnector, object>>,
    top?: object,
  ): void;
  /** Starts a worker and waits until it says where its health is. */
  startWorker(name: string, environment?: Readonly<Record<string, string>>): Promise<RunningWorker>;
  /** Asks the database. */
  query<Row extends object>(text: string): Promise<Row[]>;
}

/** Opens a workplace on a PostgreSQL server. */
export function openFleetWorkplace(url: string): FleetWorkplace {
  const workplace = openWorkplace();
  const schema = `runner_${randomBytes(6).toString('hex')}`;
  const environment = { DATABASE_URL: url, EXPUNGE_LEDGER_KEY: ledgerKey };
  const start: Workplace['start'] = (commandArguments, options = {}) =>
    workplace.start(commandArguments, { ...options, environment: { ...environment, ...options.environment } });
  const query = async <Row extends object>(text: string): Promise<Row[]> => {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query<Row>(text)).rows;
    } finally {
      await client.end();
    }
  };
  return {
    ...workplace,
    schema,
    start,
    run: (commandArguments, options = {}) =>
      workplace.run(commandArguments, { ...options, environment: { ...environment, ...options.environment } }),
    configure: (urls, names, connectors = {}, top = {}) =>
      workplace.write(
        'expunge.config.json',
        sandboxConfig(urls, names, {
          connectors,
          top: {
            ledger: { postgres: { url: { env: 'DATABASE_URL' }, schema }, key: { env: 'EXPUNGE_LEDGER_KEY' } },
            ...top,
          },
        }),
      ),
    async startWorker(name, more = {}) {
      const running = start(['work', '--name', name, '--health-port', '0'], { environment: more });
      let messages = '';
      running.child.stderr?.on('data', (text: string) => {
        messages += text;
      });
      return { ...running, health: await healthOf(running), messages: () => messages };
    },
    query,
    async close() {
      await workplace.close();
      await query(`DROP SCHEMA IF EXISTS "${schema}" CASCADE; DROP SCHEMA IF EXISTS "${schema}_queue" CASCADE`);
    },
  };
}

/** Where a worker answers for its health: it says so when it does. */
export function healthOf({ child, ended }: RunningProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let messages = '';
    child.stderr?.on('data', (text: string) => {
      messages += text;
      const health = /health: (http:\S+)\/readyz/.exec(messages)?.[1];
      if (health !== undefined) resolve(health);
    });
    void ended.then(({ code }) => reject(new Error(`The worker ended with ${code}, and said: ${messages}`)));
  });
}

/** How a probe is answered: the status and the reason. */
export async function readiness(worker: RunningWorker): Promise<string> {
  const response = await fetch(`${worker.health}/readyz`);
  const { status, reason } = (await response.json()) as { status: string; reason?: string };
  return `${response.status} ${reason ?? status}`;
}

/** Waits until a worker is ready, or until it gives a reason. */
export async function untilReadiness(worker: RunningWorker, expected: string): Promise<void> {
  await expect.poll(() => readiness(worker)).toBe(expected);
}
