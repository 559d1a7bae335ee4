import { LedgerError } from '@expunge/engine';
import type { Client } from 'pg';
import { type LedgerPlace, lockTimeout, schemaOf } from './connection.ts';
import { databaseErrorOf, StatementFailed } from './database-error.ts';

/**
 * Which other connections may work on a ledger while one lasts: `alone`, none that also asks; `together`, all but those
 * who want to be alone; `any`: does not ask.
 */
export type WorkLock = 'alone' | 'together' | 'any';

const statements = {
  alone: 'SELECT pg_advisory_lock(hashtextextended($1, 0))',
  together: 'SELECT pg_advisory_lock_shared(hashtextextended($1, 0))',
} as const;

// A process that was cut off and comes back has to wait until the server has noticed that it was gone.
const waitAtMost = '2s';

/**
 * Takes the lock of a working process. It is PostgreSQL's and ends with the connection, however that ends.
 *
 * @throws LedgerError `in-use`
 */
export async function takeWorkLock(client: Client, place: LedgerPlace, lock: WorkLock): Promise<void> {
  if (lock === 'any') return;
  try {
    await client.query(`SET lock_timeout TO '${waitAtMost}'`);
    await client.query(statements[lock], [`expunge/work/${schemaOf(place)}`]);
    await client.query(`SET lock_timeout TO '${lockTimeout}'`);
  } catch (error) {
    const failure = databaseErrorOf(error);
    if (!(failure instanceof StatementFailed) || failure.sqlState !== '55P03') throw failure;
    throw new LedgerError(
      'in-use',
      "Another process works on the ledger in this database. Wait until it has ended; 'expunge status' and 'expunge report' work meanwhile.",
    );
  }
}
