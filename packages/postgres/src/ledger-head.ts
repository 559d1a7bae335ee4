import { LedgerError } from '@expunge/engine';
import type { DatabaseClock } from './database-clock.ts';
import { refuseNewer } from './migrate.ts';
import type { ReconnectingClient } from './reconnecting-client.ts';
import type { HeadNow, LockedHead } from './rows.ts';

const columns = `major, version, revision, key_number AS "keyNumber", trunc(extract(epoch FROM clock_timestamp()) * 1000) AS now`;

/** Begins a transaction that writes, after every other one has ended, and gives its number at PostgreSQL. */
export async function lockHead(connection: ReconnectingClient): Promise<LockedHead> {
  const { row } = await connection.exec<LockedHead>(
    `BEGIN; UPDATE ledger_head SET revision = revision + 1 RETURNING ${columns}, CAST(pg_current_xact_id() AS text) AS xid`,
  );
  return foundHead(row);
}

/** Begins a transaction that only reads, and sees one moment. */
export async function readHead(connection: ReconnectingClient): Promise<HeadNow> {
  const { row } = await connection.exec<HeadNow>(
    `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT ${columns} FROM ledger_head`,
  );
  return foundHead(row);
}

function foundHead<Head>(head: Head | undefined): Head {
  if (head !== undefined) return head;
  throw new LedgerError('not-found', "The ledger in this database is gone. 'expunge ledger migrate' makes a new one.");
}

/** Looks at each head: refuses to go on where others have changed what this process was opened with. */
export class HeadCheck {
  readonly #clock: DatabaseClock;
  #keyNumber: number;

  constructor(clock: DatabaseClock, keyNumber: number) {
    this.#clock = clock;
    this.#keyNumber = keyNumber;
  }

  check(head: HeadNow): void {
    this.#clock.observe(head.now);
    refuseNewer(head.major, head.version);
    if (head.keyNumber === this.#keyNumber) return;
    throw new LedgerError(
      'key-wrong',
      'The ledger was encrypted under another key while this process had it open. Start it again with the new key.',
    );
  }

  /** This process has encrypted it anew itself. */
  keyChanged(): void {
    this.#keyNumber += 1;
  }
}
