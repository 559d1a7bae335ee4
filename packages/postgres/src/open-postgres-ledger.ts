import type { Clock, Ledger } from '@expunge/engine';
import {
  acceptClock,
  type ClockCorrection,
  checkedActor,
  createLedger,
  registerStorage,
  type StorageAdapter,
  startCalls,
} from '@expunge/engine/storage';
import type { LedgerPlace } from './connection.ts';
import { ledgerErrorOf } from './database-error.ts';
import { migratePostgresLedger, readLedgerHead } from './migrate.ts';
import { close, connect, openWithinMs, withConnection } from './one-connection.ts';
import { PostgresAdapter, type PostgresAdapterOptions } from './postgres-adapter.ts';
import { retryTransient } from './retry-transient.ts';
import { SharedLimits } from './shared-limits.ts';

/** Where a ledger in PostgreSQL is, and how it is opened. */
export interface PostgresLedgerOptions extends LedgerPlace {
  /** The ledger's key, 32 bytes. Every process that opens it has the same. */
  readonly key: Uint8Array;
  /** Only look: changes nothing, and needs no right to. Default: false. */
  readonly readOnly?: boolean | undefined;
  /**
   * This process alone works on it, as on a ledger in a SQLite file: another one that wants the same is refused (`in-use`),
   * and calls that a crash has cut off are found when it begins. Default: false: others may work on it too, as the workers
   * of a fleet do, and their open calls are left alone.
   */
  readonly isAlone?: boolean | undefined;
  /** Default: the database's time. */
  readonly clock?: Clock | undefined;
  /**
   * How long something is tried again, in milliseconds, while the database is away or starts again. After that it is
   * refused (`unreachable`). Default: 30 seconds.
   */
  readonly retryTransientMs?: number | undefined;
}

/** A ledger in PostgreSQL. */
export interface PostgresLedgerHandle extends Ledger {
  /** The time that the ledger is worked with: the database's, unless another was given. */
  readonly clock: Clock;
  /**
   * Encrypts everything under a new key, all or nothing. Other processes that have it open are refused from then on
   * (`key-wrong`) until they open it with the new key.
   *
   * @returns `isErased`: whether nothing that the old key opens is left in the table's files. What the server keeps to
   * recover and to copy itself (its write-ahead log, standbys, backups) is not in it. `damagedPages`: how many encrypted pages do not
   * open, and stay as they were.
   */
  rekey(newKey: Uint8Array, actor?: string): Promise<{ readonly isErased: boolean; readonly damagedPages: number }>;
  /**
   * Goes on with a clock that lies behind the ledger, because it was ahead when the ledger was written: brings back
   * every time that the wrong clock has set, and records in the audit log that it did.
   *
   * @returns undefined where the clock is not behind.
   */
  acceptClock(actor?: string): Promise<ClockCorrection | undefined>;
  /** Resolves when the database answers. Tries once. */
  ping(): Promise<void>;
}

const defaultPatienceMs = 30_000;

/**
 * Opens a ledger in PostgreSQL (13 or later). One that is to be written is made where there is none, and brought up to
 * date. The connection is direct or pooled by the session: a pooler that changes connections between transactions
 * does not keep what the ledger sets on them.
 *
 * @throws LedgerError that says what is wrong and what to do, never with the URL in it.
 */
export async function openPostgresLedger(options: PostgresLedgerOptions): Promise<PostgresLedgerHandle> {
  const limits = new SharedLimits();
  const storage = await openPostgresAdapter(options, {
    lock: options.isAlone === true ? 'alone' : 'any',
    atBegin: () => limits.beginTransaction(),
  });
  const ledger = createLedger(storage);
  const handle: PostgresLedgerHandle = {
    ...(storage.isAlone ? ledger : besideWorkers(ledger, storage, limits)),
    clock: storage.clock,
    rekey: async (newKey, actor) => storage.rekey(newKey, checkedActor(actor)),
    acceptClock: async (actor) => {
      const name = checkedActor(actor);
      return storage.write((store) => store.audit.as(name, () => acceptClock(store, storage.clock.now())));
    },
    ping: () => ping(options),
  };
  registerStorage(handle, storage);
  return handle;
}

// Who calls a request back while workers work keeps to the vendor's limits with them. Whatever else there is to call is
// theirs to do.
function besideWorkers(ledger: Ledger, storage: StorageAdapter, limits: SharedLimits): Ledger {
  return {
    ...ledger,
    async begin(connectors, now) {
      limits.configure(connectors);
      await ledger.begin(connectors, now);
    },
    startCalls: (connector, kind, calls, now) =>
      storage.write(async (store) => {
        if (kind === 'cancel' && !(await limits.hasCapacity(store, connector, kind, 0, storage.clock.now()))) {
          return calls.map(() => undefined);
        }
        return startCalls(store, store.connectorId(connector), kind, calls, now);
      }),
  };
}

/** Opens the storage adapter of a ledger. */
export async function openPostgresAdapter(
  options: PostgresLedgerOptions,
  more: Pick<PostgresAdapterOptions, 'lock' | 'atBegin' | 'beforeCommit'>,
): Promise<PostgresAdapter> {
  const { retryTransientMs = defaultPatienceMs, clock } = options;
  const isReadOnly = options.readOnly === true;
  if (!isReadOnly) await migratePostgresLedger(options);
  const head = await withConnection(options, (client) => readLedgerHead(client, options));
  return retryTransient(openWithinMs, () =>
    PostgresAdapter.open({ ...more, place: options, key: options.key, head, isReadOnly, clock, retryTransientMs }),
  );
}

async function ping(place: LedgerPlace): Promise<void> {
  try {
    await close(await connect(place));
  } catch (error) {
    throw ledgerErrorOf(error);
  }
}
