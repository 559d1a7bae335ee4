export interface ConcurrencyLimiter {
  /** Takes a slot of `key` and returns the function that gives it back, or `undefined` when all are taken. */
  enter(key: string): (() => void) | undefined;
  inFlight(key: string): number;
  /** The most slots of `key` that were ever taken at once. */
  highest(key: string): number;
}

/** At most `max` at once per key; `Infinity` switches the limit off (and still counts). */
export function createConcurrencyLimiter({ max }: { max: number }): ConcurrencyLimiter {
  const slots = new Map<string, { taken: number; highest: number }>();
  return {
    enter(key) {
      const slot = slots.get(key) ?? { taken: 0, highest: 0 };
      slots.set(key, slot);
      if (slot.taken >= max) return undefined;
      slot.taken += 1;
      slot.highest = Math.max(slot.highest, slot.taken);
      let isReturned = false;
      return () => {
        if (!isReturned) slot.taken -= 1;
        isReturned = true;
      };
    },
    inFlight: (key) => slots.get(key)?.taken ?? 0,
    highest: (key) => slots.get(key)?.highest ?? 0,
  };
}
