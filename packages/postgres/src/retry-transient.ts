import { setTimeout as wait } from 'node:timers/promises';
import { ledgerErrorOf, mayPass } from './database-error.ts';

const shortestWaitMs = 20;
const longestWaitMs = 1000;

/**
 * Tries something again for as long as it fails for a reason that passes: a server that starts again, a lost connection,
 * a deadlock.
 *
 * @param forMs - No new attempt after so many milliseconds.
 * @throws LedgerError where the database has a word for it
 */
export async function retryTransient<Result>(forMs: number, attempt: () => Promise<Result>): Promise<Result> {
  const giveUpAt = performance.now() + forMs;
  for (let waitMs = shortestWaitMs; ; waitMs = Math.min(2 * waitMs, longestWaitMs)) {
    try {
      return await attempt();
    } catch (error) {
      if (!mayPass(error) || performance.now() + waitMs > giveUpAt) throw ledgerErrorOf(error);
    }
    // Several processes that were cut off together do not come back together.
    await wait(waitMs * (0.5 + Math.random() / 2));
  }
}
