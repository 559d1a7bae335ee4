import type { SandboxClock } from './sandbox-clock.ts';

/**
 * What a vendor does later. Nothing runs by itself: whoever looks at the vendor's memory calls `runDue` first, and
 * everything whose time has come is done then, earliest first.
 */
export interface LazySchedule {
  plan(dueAt: number, action: () => void): void;
  runDue(): void;
}

export function createLazySchedule(clock: SandboxClock): LazySchedule {
  const planned: { dueAt: number; action: () => void }[] = [];
  return {
    plan(dueAt, action) {
      // Nearly always the latest so far, so the search starts at the end.
      const before = planned.findLastIndex((other) => other.dueAt <= dueAt);
      planned.splice(before + 1, 0, { dueAt, action });
    },
    runDue() {
      const now = clock.now();
      const firstLater = planned.findIndex(({ dueAt }) => dueAt > now);
      for (const { action } of planned.splice(0, firstLater < 0 ? planned.length : firstLater)) action();
    },
  };
}
