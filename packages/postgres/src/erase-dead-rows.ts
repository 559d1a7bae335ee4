import { setTimeout as wait } from 'node:timers/promises';
import type { Client } from 'pg';
import type { LedgerPlace } from './connection.ts';
import { databaseErrorOf } from './database-error.ts';
import { close, connect } from './one-connection.ts';

// Everybody waits while the table is written anew: no longer than for so much of it.
const largestRewriteBytes = 128 * 1024 * 1024;

// Other workers' transactions take milliseconds; a dump takes as long as it takes, and is not waited for.
const waitAtMostMs = 2000;
const lookAgainMs = 20;

/**
 * PostgreSQL keeps what was overwritten or deleted as a dead row until a vacuum. Writes the table of encrypted
 * pages anew without them, where it is not too large to wait for; else leaves their places to be written over.
 *
 * @returns Whether no dead row is left in the table's files. Not so while an older transaction may still look at one.
 */
export async function eraseDeadRows(place: LedgerPlace): Promise<boolean> {
  const client = await connect(place, { takesLong: true });
  try {
    const { rows } = await client.query<{ bytes: number }>(`SELECT pg_total_relation_size('encrypted_pages') AS bytes`);
    if ((rows[0]?.bytes ?? 0) > largestRewriteBytes) {
      await client.query('VACUUM encrypted_pages');
      return false;
    }
    // What would keep the rows anyway is no reason to let everybody wait.
    if (!(await olderOnesEnd(client))) return false;
    return (await writeAnew(client)) === 0;
  } catch (error) {
    // It was busy. The next time is as good.
    databaseErrorOf(error);
    return false;
  } finally {
    await close(client);
  }
}

async function olderOnesEnd(client: Client): Promise<boolean> {
  const soFar = await transactionsSoFar(client);
  const giveUpAt = performance.now() + waitAtMostMs;
  while (await oldTransactionsRun(client, soFar)) {
    if (performance.now() > giveUpAt) return false;
    await wait(lookAgainMs);
  }
  return true;
}

/**
 * Writes the table anew. Gives how many dead rows PostgreSQL had to take along, because a transaction may still look at them;
 * undefined where it does not say. It counts them as it copies them: a look at other transactions could not be as exact,
 * since a user sees but its own, and some may come meanwhile.
 */
async function writeAnew(client: Client): Promise<number | undefined> {
  let left: number | undefined;
  client.on('notice', ({ detail }) => {
    // "0 dead row versions cannot be removed yet": the first number, in every language.
    const number = /\d+/.exec(detail ?? '')?.[0];
    if (number !== undefined) left = (left ?? 0) + Number(number);
  });
  // A user who may not do it is only warned: then no number comes.
  await client.query(`SET lock_timeout TO '2s'; SET client_min_messages TO 'notice'`);
  await client.query('VACUUM (FULL, VERBOSE) encrypted_pages');
  return left;
}

/** The number that PostgreSQL gives the next transaction that writes: all before it have a smaller one. */
async function transactionsSoFar(client: Client): Promise<string> {
  const { rows } = await client.query<{ next: string }>(
    'SELECT CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text) AS next',
  );
  return rows[0]?.next ?? '0';
}

// Who writes counts in all databases: a transaction of one database looks at others by what runs in all of them. Who only
// looks counts in its own. A standby that tells what it looks at keeps dead rows in all databases, by its connection or its slot.
// A VACUUM looks at no row that another one may remove.
const query = `
  SELECT pg_snapshot_xmin(pg_current_snapshot()) < so_far.full_number
    OR EXISTS (
      SELECT 1 FROM pg_stat_activity
      WHERE pid <> pg_backend_pid() AND (datname = current_database() OR backend_type = 'walsender')
        AND age(backend_xmin) > age(so_far.number) AND pid NOT IN (SELECT pid FROM pg_stat_progress_vacuum))
    OR EXISTS (SELECT 1 FROM pg_replication_slots WHERE age(xmin) > age(so_far.number)) AS "isSo"
  FROM (SELECT CAST(CAST($1 AS text) AS xid8) AS full_number, CAST(CAST(CAST($1 AS text) AS xid8) AS xid) AS number) AS so_far`;

/**
 * Whether a transaction is still at work that may look at rows that were deleted before `soFar`. What users other than this
 * connection's only read is not seen, unless it may look into everybody's (`pg_read_all_stats`).
 */
async function oldTransactionsRun(client: Client, soFar: string): Promise<boolean> {
  const { rows } = await client.query<{ isSo: boolean }>(query, [soFar]);
  return rows[0]?.isSo === true;
}
