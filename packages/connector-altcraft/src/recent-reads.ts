import type { Target } from '@expunge/core';

/** What a read showed: the id of the person's own profile, or that there is none. */
export type RecentRead = { readonly profileId: string } | 'absent';

/**
 * Reads of a moment ago, each of which spares the next call the same question: the look-up before a deletion serves the
 * deletion, and the look after it serves the read-back. Each is used once. In memory only.
 */
export interface RecentReads {
  keep(target: Target, read: RecentRead): void;
  /** The read of this target, where there is one of the last minutes. */
  take(target: Target): RecentRead | undefined;
}

const maxAgeMs = 5 * 60_000;
const maxReads = 10_000;

/** Without a clock nothing is kept: nobody could tell how old it is. */
export function createRecentReads(now: (() => number) | undefined): RecentReads {
  const reads = new Map<string, { readonly read: RecentRead; readonly at: number }>();
  const keyOf = (target: Target) => JSON.stringify(target);
  return {
    keep(target, read) {
      if (now === undefined) return;
      reads.set(keyOf(target), { read, at: now() });
      const [oldest] = reads.keys();
      if (reads.size > maxReads && oldest !== undefined) reads.delete(oldest);
    },
    take(target) {
      const kept = reads.get(keyOf(target));
      reads.delete(keyOf(target));
      const age = kept === undefined || now === undefined ? Number.POSITIVE_INFINITY : now() - kept.at;
      return age >= 0 && age <= maxAgeMs ? kept?.read : undefined;
    },
  };
}
