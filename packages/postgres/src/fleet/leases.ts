import type { JobAttempt } from 'pg-boss';

/** A job that this worker has taken. */
export interface Lease extends JobAttempt {
  /** The queue that it is in. */
  readonly queue: string;
}

type About = 'task' | 'submission';

/** The jobs that this worker has taken and not settled, by what they are about. */
export class Leases {
  readonly #claims = { task: new Map<number, Lease>(), submission: new Map<number, Lease>() };

  /** Records a job. */
  add(about: About, item: number, lease: Lease): void {
    this.#claims[about].set(item, lease);
  }

  /** The job of a task or submission. */
  of(about: About, item: number): Lease | undefined {
    return this.#claims[about].get(item);
  }

  /** Drops jobs that are settled or released. Those that were taken anew meanwhile stay. */
  drop(about: About, leases: readonly (readonly [number, Lease])[]): void {
    for (const [item, lease] of leases) if (this.#claims[about].get(item) === lease) this.#claims[about].delete(item);
  }

  /** Those of these items that have a job here. */
  among(about: About, items: readonly number[]): readonly (readonly [number, Lease])[] {
    return items.flatMap((item) => {
      const lease = this.of(about, item);
      return lease === undefined ? [] : [[item, lease] as const];
    });
  }

  /** All items that have a job here. */
  items(about: About): readonly number[] {
    return [...this.#claims[about].keys()];
  }

  /** All jobs, by queue. */
  byQueue(): ReadonlyMap<string, readonly Lease[]> {
    const queues = new Map<string, Lease[]>();
    for (const lease of [...this.#claims.task.values(), ...this.#claims.submission.values()]) {
      const leases = queues.get(lease.queue);
      if (leases === undefined) queues.set(lease.queue, [lease]);
      else leases.push(lease);
    }
    return queues;
  }

  /** Forgets all. */
  clear(): void {
    this.#claims.task.clear();
    this.#claims.submission.clear();
  }
}
