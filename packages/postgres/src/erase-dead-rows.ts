import { setTimeout as wait } from 'node:timers/promises';
import type { Client } from 'pg';
import type { LedgerPlace } from './connection.ts';
import { databaseErrorOf } from './database-error.ts';
import { oldTransactionsRun, transactionsSoFar } from './old-transactions.ts';
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
