import { checkAll, submitAll } from './carry-out.ts';
import type { ConformanceHarness } from './conformance-harness.ts';
import type { Person } from './people.ts';

// How finely the end is looked for. Later than the true end, and so in favour of the connector.
const steps = 25;

/** Submits a person, and advances the vendor's time to the moment at which the engine takes the deletion for done. */
export async function submitUntilDone(harness: ConformanceHarness, { targets }: Person): Promise<void> {
  const { connector, clock } = harness;
  const { completion } = connector.capabilities;
  const outcomes = await submitAll(harness, targets);
  if (completion.type === 'elapsed') clock.advance(completion.afterMs);
  if (completion.type !== 'polled') return;
  for (let step = 0; step < steps; step += 1) {
    const states = await checkAll(harness, targets, outcomes);
    if (states.every(({ state }) => state !== 'pending')) return;
    clock.advance(Math.ceil(completion.expectedWithinMs / steps));
  }
}
