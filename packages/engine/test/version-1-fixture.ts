import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../src/clock.ts';
import type { ConfiguredConnector, VerifyMode } from '../src/engine/configured-connector.ts';
import type { TaskState } from '../src/tasks/task-state.ts';
import { MemoryVendor, type MemoryVendorOptions } from './memory-vendor.ts';
import { isOnPostgres, newLedgerPath, runSql } from './test-ledger.ts';

// A ledger of version 1 of either storage, as the version before made it: see fixtures/version-1/README.md.

interface FixtureIdentifier {
  readonly type: string;
  readonly value: string;
}

/** One task in the words and the columns of version 1. */
export interface FixtureTask {
  readonly task: number;
  readonly connector: string;
  readonly targetType?: string;
  readonly state: string;
  readonly assurance?: string;
  readonly reason?: string;
  readonly vendorStatus?: string;
  readonly attempts: number;
  readonly submittedAt?: string;
  readonly finishedAt?: string;
  readonly nextAt?: string;
  /** What its row holds beside that. What is empty or 0 is left out. */
  readonly stored: {
    readonly held_from?: string;
    readonly resume_at?: number;
    readonly leader?: number;
    readonly call?: number;
    readonly submission?: number;
    readonly split?: number;
    readonly claim?: string;
    readonly jobs?: number;
    readonly seen_before?: number;
    readonly contradictions?: number;
    readonly acted?: number;
    readonly reads?: number;
    readonly next_at?: number;
  };
}

/** One request in the words of version 1. */
export interface FixtureRequest {
  readonly requestId: string;
  readonly law: string;
  readonly receivedAt: string;
  readonly dueAt: string;
  readonly acceptedAt: string;
  readonly settledAt?: string;
  readonly isErased: boolean;
  /** Who it is about, also where the ledger has erased it. */
  readonly identifiers: readonly FixtureIdentifier[];
  /** The requests that a search for these identifiers finds. */
  readonly found: readonly string[];
  /** Of what its open submission is asked with. */
  readonly receipt?: { readonly job: string };
  readonly tasks: readonly FixtureTask[];
}

/** What version 1 says of the ledger. */
export interface Fixture {
  readonly madeAt: string;
  readonly inventedKeyForTestsOnly: string;
  readonly publicKey: string;
  readonly auditHead: { readonly sequence: number; readonly hash: string };
  readonly connectors: readonly {
    readonly name: string;
    readonly vendor?: Omit<MemoryVendorOptions, 'clock'>;
    readonly verify?: VerifyMode;
    readonly identifiers?: Readonly<Record<string, readonly string[]>>;
    readonly after?: readonly string[];
  }[];
  readonly holds: readonly {
    readonly identifierType: string;
    readonly reason: string;
    readonly addedAt: string;
    readonly requests: number;
    readonly identifier: FixtureIdentifier;
  }[];
  readonly requests: readonly FixtureRequest[];
}

const folder = new URL(`fixtures/version-1/${isOnPostgres ? 'postgres' : 'sqlite'}/`, import.meta.url);
const readText = (path: string) => readFileSync(new URL(path, folder), 'utf8');

/** What version 1 says of the ledger on the storage that the tests run on. */
export const fixture: Fixture = JSON.parse(readText('expected.json'));

/** When the fixture was made. */
export const madeAt = Date.parse(fixture.madeAt);

/** The certificates that version 1 made, by request, as they were written. */
export const certificates: ReadonlyMap<string, string> = new Map(
  readdirSync(new URL('certificates/', folder)).map((name) => [
    name.replace(/\.json$/, ''),
    readText(`certificates/${name}`),
  ]),
);

/** States in which nothing more happens to a task. */
const finalStates: readonly string[] = [
  'deleted',
  'absent',
  'accepted',
  'partial',
  'failed',
  'contradicted',
  'skipped',
  'cancelled',
] satisfies TaskState[];

/** Whether nothing more happens to a task in this state. */
export const isFinal = (state: string) => finalStates.includes(state);

/** Writes the ledger to a new file with its key beside it, or to a new schema. Returns where it is. */
export async function loadFixture(path = newLedgerPath()): Promise<string> {
  const sql = readText('ledger.sql');
  if (isOnPostgres) await runSql(sql.replaceAll('version_1_schema', path));
  else {
    const database = new DatabaseSync(path);
    database.exec(sql);
    database.close();
    writeFileSync(`${path}.key`, `${fixture.inventedKeyForTestsOnly}\n`, { mode: 0o600 });
  }
  return path;
}

/** Writes the queue of a fleet beside a ledger in PostgreSQL. */
export async function loadQueue(schema: string): Promise<void> {
  await runSql(readText('queue.sql').replaceAll('version_1_schema', schema));
}

/** A vendor of tests for each connector of the fixture, who knows no one, and the submissions that it still works on. */
export function fixtureVendors(clock: Clock): ReadonlyMap<string, MemoryVendor> {
  const vendors = new Map(fixture.connectors.map(({ name, vendor }) => [name, new MemoryVendor({ ...vendor, clock })]));
  for (const request of fixture.requests) {
    for (const task of request.tasks) {
      if (task.state !== 'waiting') continue;
      const job = vendors.get(task.connector)?.jobs.find(({ id }) => id === request.receipt?.job);
      if (job === undefined) addJob(vendors, task.connector, request.receipt?.job, [targetValueOf(request, task)]);
    }
  }
  // The vendor took the call whose answer was lost.
  addJob(vendors, 'queue', 'job-1', ['asked@example.com']);
  return vendors;
}

function addJob(
  vendors: ReadonlyMap<string, MemoryVendor>,
  connector: string,
  id: string | undefined,
  values: readonly string[],
): void {
  if (id !== undefined) vendors.get(connector)?.jobs.push({ id, values, submittedAt: madeAt, word: 'RUNNING' });
}

/** The connectors of the fixture, with these vendors. */
export function fixtureConnectors(vendors: ReadonlyMap<string, MemoryVendor>): readonly ConfiguredConnector[] {
  return fixture.connectors.flatMap(({ vendor: _, ...configured }) => {
    const connector = vendors.get(configured.name)?.connector;
    return connector === undefined ? [] : [{ ...configured, connector }];
  });
}

/** What a task deletes. */
export function targetValueOf({ identifiers }: FixtureRequest, { targetType }: FixtureTask): string {
  const type = targetType === 'device' ? 'device_id' : 'user_id';
  return identifiers.find((identifier) => identifier.type === type)?.value ?? '';
}

/**
 * Whether a task is submitted, for the first time or again, once the ledger is worked on. The person is not on hold,
 * and no person has to decide what became of a call.
 */
export function isToBeSent({ state, connector, stored }: FixtureTask, leader?: FixtureTask): boolean {
  switch (state) {
    case 'pre-read':
    case 'ready':
    case 'submitting':
      return true;
    // This one is found again at the vendor instead.
    case 'in-doubt':
      return connector !== 'queue' && (leader?.stored ?? stored).next_at !== undefined;
    default:
      return false;
  }
}
