/** A vendor's own time. Whatever takes a vendor hours or days is computed from it when asked; there are no timers. */
export interface SandboxClock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Moves the vendor's time forward. */
  advance(ms: number): void;
  /** True where a vendor's day is shorter than a real one: limits per second then need a clock of their own. */
  readonly isScaled?: boolean;
}

const millisecondsPerDay = 86_400_000;
const manualStart = Date.UTC(2026, 0, 5, 10, 0, 0);

/** For tests: starts at a fixed date (2026-01-05T10:00:00Z unless told) and moves only when advanced. */
export function createManualClock(startAt: number = manualStart): SandboxClock {
  let now = startAt;
  return {
    now: () => now,
    advance: (ms) => {
      now += checkedAdvance(ms);
    },
  };
}

export interface ScaledClockOptions {
  /** Real seconds in which one vendor's day passes. */
  daySeconds: number;
  /** Where real time comes from; `Date.now` unless told. */
  realNow?: () => number;
}

/** For demos: real time, but faster. */
export function createScaledClock({ daySeconds, realNow = Date.now }: ScaledClockOptions): SandboxClock {
  if (!(daySeconds > 0)) throw new RangeError('daySeconds must be a number above 0.');
  const startedAt = realNow();
  const factor = millisecondsPerDay / (daySeconds * 1000);
  let advanced = 0;
  return {
    now: () => startedAt + Math.floor((realNow() - startedAt) * factor) + advanced,
    advance: (ms) => {
      advanced += checkedAdvance(ms);
    },
    isScaled: factor !== 1,
  };
}

/** Real time; it can still be advanced by hand. */
export function createRealClock(): SandboxClock {
  return createScaledClock({ daySeconds: 86_400 });
}

function checkedAdvance(ms: number): number {
  if (!Number.isFinite(ms) || ms < 0)
    throw new RangeError('A clock is advanced by a number of milliseconds from 0 up.');
  return ms;
}
