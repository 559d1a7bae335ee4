import type { LedgerPlace } from './connection.ts';
import { ConnectionLost, databaseErrorOf, StatementFailed } from './database-error.ts';
import { close, connect } from './one-connection.ts';

const longestSilenceMs = 15_000;
const shortestSilenceMs = 250;

/**
 * After how long without an answer it is asked whether the server still works on it, in milliseconds. Of the time for retries
 * enough is left to try again.
 */
export function askAfterMs(retryTransientMs: number): number {
  return Math.min(longestSilenceMs, Math.max(retryTransientMs / 2, shortestSilenceMs));
}

const silent = Symbol('silent');

/**
 * What a statement answers. Where nothing comes, another connection asks whether the server is at work on it: an answer may
 * take long, but a server that is gone without a word never gives one, and TCP notices after a quarter of an hour, or not at all.
 *
 * @throws ConnectionLost where the server is not at it, or gives no answer to that either
 */
export async function answerOf<Result>(
  statement: Promise<Result>,
  afterMs: number,
  isAtWork: () => Promise<boolean>,
): Promise<Result> {
  for (;;) {
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<typeof silent>((resolve) => {
      timer = setTimeout(() => resolve(silent), afterMs);
    });
    const first = await Promise.race([statement, silence]).finally(() => clearTimeout(timer));
    if (first !== silent) return first;
    const isAnswered = statement.then(
      () => true,
      () => true,
    );
    if (!(await Promise.race([isAnswered, isAtWork()]))) throw new ConnectionLost('ETIMEDOUT');
  }
}

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
