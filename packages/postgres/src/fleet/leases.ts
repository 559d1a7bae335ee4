import type { JobAttempt } from 'pg-boss';

/** A job that this worker has taken. */
export interface Claim extends JobAttempt {
  /** The queue that it is in. */
  readonly queue: string;
}

type About = 'task' | 'submission';

/** The jobs that this worker has taken and not settled, by what they are about. */
export class Claims {
  readonly #claims = { task: new Map<number, Claim>(), submission: new Map<number, Claim>() };

  /** Notes a job. */
  add(about: About, item: number, claim: Claim): void {
    this.#claims[about].set(item, claim);
  }

  /** The job of a task or submission. */
  of(about: About, item: number): Claim | undefined {
    return this.#claims[about].get(item);
  }

  /** Forgets jobs that are settled or given back. Those that were taken anew meanwhile stay. */
  drop(about: About, claims: readonly (readonly [number, Claim])[]): void {
    for (const [item, claim] of claims) if (this.#claims[about].get(item) === claim) this.#claims[about].delete(item);
  }

  /** Those of these items that have a job here. */
  among(about: About, items: readonly number[]): readonly (readonly [number, Claim])[] {
    return items.flatMap((item) => {
      const claim = this.of(about, item);
      return claim === undefined ? [] : [[item, claim] as const];
    });
  }

  /** All items that have a job here. */
  items(about: About): readonly number[] {
    return [...this.#claims[about].keys()];
  }

  /** All jobs, by queue. */
  byQueue(): ReadonlyMap<string, readonly Claim[]> {
    const queues = new Map<string, Claim[]>();
    for (const claim of [...this.#claims.task.values(), ...this.#claims.submission.values()]) {
      const claims = queues.get(claim.queue);
      if (claims === undefined) queues.set(claim.queue, [claim]);
      else claims.push(claim);
    }
    return queues;
  }

  /** Forgets all. */
  clear(): void {
    this.#claims.task.clear();
    this.#claims.submission.clear();
  }
}
