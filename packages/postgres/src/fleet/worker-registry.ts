import { setMaxListeners } from 'node:events';
import { interruptCall, type StoredCall } from '@expunge/engine/storage';
import type { PgBoss } from 'pg-boss';
import type { PostgresAdapter } from '../postgres-adapter.ts';
import { heartbeatSeconds } from './job-queues.ts';
import { bound } from './keep-jobs.ts';
import { renewJobs } from './lease-jobs.ts';
import type { Leases } from './leases.ts';
import { rowsOf } from './transaction.ts';

/** After how long without a sign a worker counts as lost, in milliseconds. */
export const lostAfterMs = heartbeatSeconds * 1000;

/**
 * After how long without a sign a worker ends its calls itself, in milliseconds. When others take it for lost they count
 * its calls no longer, and a vendor must not have more of them than it allows.
 */
const callsEndAfterMs = lostAfterMs - 8000;

// A call without a worker: of a process that cancels a request.
const strayAfterMs = 15 * 60_000;

/** This process among those that work on a ledger. */
export interface Worker {
  /** Its number in the ledger. */
  readonly id: () => number;
  /** Shows that it is there, keeps what it has taken, and ends the calls of workers that are lost. */
  beat(): Promise<void>;
  /** The signal for calls that begin now. */
  readonly callSignal: () => AbortSignal;
  /** Ends the calls in flight where it has not been seen for too long: `unseenMs`, by this process's own measure. */
  endCallsWhereUnseen(unseenMs?: number): void;
  /** Releases what it has leased and not started, and is gone. */
  leave(): Promise<void>;
}

// As many calls listen as are open.
function newCalls(): AbortController {
  const calls = new AbortController();
  setMaxListeners(0, calls.signal);
  return calls;
}

/** Makes this process known as a worker. */
export async function joinWorkers(
  storage: PostgresAdapter,
  boss: PgBoss,
  leases: Leases,
  name: string,
): Promise<Worker> {
  const now = () => storage.clock.now();
  const join = async () => {
    const [row] = await rowsOf<{ id: number }>(
      storage,
      'INSERT INTO workers (name, seen_at) VALUES ($1, $2) RETURNING id',
      [name, now()],
    );
    if (row === undefined) throw new Error('The database gave no number to a new worker.');
    return row.id;
  };
  // Measured by what no change of the clock touches, from before the sign is given.
  let signGivenAt = performance.now();
  let calls = newCalls();
  let id = await storage.write(join);
  let seenAt = now();

  return {
    id: () => id,

    callSignal: () => calls.signal,

    endCallsWhereUnseen(unseenMs = performance.now() - signGivenAt) {
      if (unseenMs < callsEndAfterMs) return;
      calls.abort();
    },

    async beat() {
      const beganAt = performance.now();
      const joined = await storage.write(async (store) => {
        const seen = await rowsOf(storage, 'UPDATE workers SET seen_at = $1 WHERE id = $2 RETURNING id', [now(), id]);
        for (const [queue, jobs] of leases.byQueue()) {
          await boss.touch(queue, [...jobs], { db: bound(storage) });
        }
        // Who could not reach the database can't tell who else could: they are given time to be seen again.
        if (now() - seenAt > lostAfterMs * (2 / 3)) return seen.length === 0 ? await join() : id;
        const lost = await rowsOf<Pick<StoredCall, 'id'>>(
          storage,
          `SELECT calls.id FROM calls LEFT JOIN workers ON workers.id = calls.worker
           WHERE calls.ended_at IS NULL AND CASE WHEN calls.worker IS NULL THEN calls.started_at < $1
             ELSE workers.id IS NULL OR workers.seen_at < $2 END ORDER BY calls.id`,
          [now() - strayAfterMs, now() - lostAfterMs],
        );
        for (const call of lost) await interruptCall(store, call.id, now());
        await storage.executeSql('DELETE FROM workers WHERE seen_at < $1', [now() - lostAfterMs]);
        // It slept for so long that others have taken it for lost: what it had taken is theirs.
        return seen.length === 0 ? await join() : id;
      });
      seenAt = now();
      signGivenAt = beganAt;
      if (calls.signal.aborted) calls = newCalls();
      if (joined !== id) leases.clear();
      id = joined;
    },

    async leave() {
      const leased = (['task', 'submission'] as const).map((about) => ({
        about,
        leases: leases.among(about, leases.items(about)),
      }));
      await storage.write(async () => {
        for (const each of leased) await renewJobs(storage, each.about, each.leases);
        await storage.executeSql('DELETE FROM workers WHERE id = $1', [id]);
      });
      leases.clear();
    },
  };
}
