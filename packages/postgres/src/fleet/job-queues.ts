import { timedStates } from '@expunge/engine/storage';
import type { PgBoss } from 'pg-boss';
import { queueErrorOf } from '../database-error.ts';
import type { JobKind } from './fleet.ts';

/** All kinds of work, each with a queue of its own for each connector. */
export const jobKinds: readonly JobKind[] = [
  ...timedStates.flatMap((state): JobKind[] => (state === 'ready' ? ['ready', 'part'] : [state])),
  'waiting',
];

/** A job whose worker has not been seen for this long goes to another one, in seconds. */
export const heartbeatSeconds = 30;

// The longest that a call may take, in seconds.
const expireInSeconds = 3600;

/** How many workers may end over one job before it is put aside. */
const retryLimit = 5;

// What waits for a month's volume, or for a vendor for weeks, must not be cleared away.
const keptSeconds = 360 * 86_400;

/** What stands in a job: nothing but whom to ask the ledger about. */
export interface JobData {
  readonly task?: number;
  readonly submission?: number;
}

/** The queue of one connector's work of one kind. */
export function queueOf(connector: string, kind: string): string {
  return `${connector}.${kind}`;
}

/** The queue of one connector's jobs that were given up. */
export function deadQueueOf(connector: string): string {
  return `${connector}.dead`;
}

/** The queues of connectors, made when they are first asked for. */
export class JobQueues {
  readonly #boss: PgBoss;
  readonly #made = new Map<string, Promise<void>>();

  constructor(boss: PgBoss) {
    this.#boss = boss;
  }

  /** Resolves when a connector has its queues. */
  ensure(connector: string): Promise<void> {
    const known = this.#made.get(connector);
    if (known !== undefined) return known;
    const made = this.#make(connector).catch((error: unknown) => {
      this.#made.delete(connector);
      throw queueErrorOf(error);
    });
    this.#made.set(connector, made);
    return made;
  }

  async #make(connector: string): Promise<void> {
    const deadLetter = deadQueueOf(connector);
    // What was given up stays until an operator has decided: it is not cleared away with time.
    const kept = { retentionSeconds: keptSeconds, deleteAfterSeconds: 0 };
    await this.#boss.createQueue(deadLetter, kept);
    for (const kind of jobKinds) {
      await this.#boss.createQueue(queueOf(connector, kind), {
        ...kept,
        deadLetter,
        retryLimit,
        heartbeatSeconds,
        expireInSeconds,
      });
    }
  }
}
