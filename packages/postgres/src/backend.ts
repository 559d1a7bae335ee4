import type { LedgerPlace } from './connection.ts';
import { databaseErrorOf, StatementFailed } from './database-error.ts';
import { close, connect } from './one-connection.ts';

/**
 * Asks, over a connection of its own, whether the process that serves another one is at work. One that waits to be rid of its
 * answer is not: no caller takes it. Nor is one of a server that has taken over.
 */
export async function isBackendAtWork(place: LedgerPlace, backend: number): Promise<boolean> {
  try {
    const client = await connect(place);
    try {
      const { rowCount } = await client.query(
        `SELECT 1 FROM pg_stat_activity
         WHERE pid = $1 AND datname = current_database() AND usename = current_user AND state = 'active'
           AND wait_event IS DISTINCT FROM 'ClientWrite'`,
        [backend],
      );
      return rowCount === 1;
    } finally {
      await close(client);
    }
  } catch (error) {
    // The server is there, and lets no connection in just now: it is asked again.
    return databaseErrorOf(error) instanceof StatementFailed;
  }
}
