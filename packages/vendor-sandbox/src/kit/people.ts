import { createLazySchedule } from './lazy-schedule.ts';
import { readPersonFields } from './person-fields.ts';
import type { SandboxClock } from './sandbox-clock.ts';
import type { VendorMemory } from './vendor-memory.ts';

/** The memory of a vendor that knows a person by one id: who is there, and who will be forgotten when. */
export interface People extends VendorMemory {
  /** Puts people in: ids, or `{ id }`. Who was forgotten before is there again. */
  seed(people: readonly unknown[]): number;
  /** Whether the vendor knows this person now. Exactly this id: no folding, no trimming. */
  has(id: string): boolean;
  /** Forgets these people `afterMs` of the vendor's time from now; at once unless told. Belongs into a reply's `act`. */
  forget(ids: readonly string[], afterMs?: number): void;
}

/** Makes an empty memory. What is planned is done when somebody looks, by the clock. */
export function createPeople(clock: SandboxClock): People {
  const known = new Set<string>();
  const schedule = createLazySchedule(clock);

  function has(id: string): boolean {
    schedule.runDue();
    return known.has(id);
  }

  return {
    seed(people) {
      schedule.runDue();
      const ids = people.map(readId);
      for (const id of ids) known.add(id);
      return ids.length;
    },
    has,
    forget(ids, afterMs = 0) {
      schedule.plan(clock.now() + afterMs, () => {
        for (const id of ids) known.delete(id);
      });
    },
    lookup: (ids) => ids.map((id) => ({ id, hasProfile: has(id), hasEvents: has(id) })),
    count() {
      schedule.runDue();
      return { people: known.size };
    },
  };
}

function readId(person: unknown, position: number): string {
  const fields = readPersonFields(typeof person === 'string' ? { id: person } : person, position);
  const id = fields.requiredText('id');
  fields.end();
  return id;
}
