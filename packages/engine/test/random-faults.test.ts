import { join } from 'node:path';
import fc from 'fast-check';
import { it } from 'vitest';
import { MortalWorld } from './mortal-world.ts';
import { randomScenario } from './random-scenario.ts';
import { temporaryFolder } from './setting.ts';

const runs = 60;
// A failure is made smaller for this long before it is reported, with the seed that brings it back.
const timeLimitMs = 90_000;

it('keeps its promises through any course of faults, lies, stops, kills and changes of mind', {
  timeout: 2 * timeLimitMs,
}, async () => {
  const courseOfEvents = fc.asyncProperty(randomScenario, async (scenario) => {
    const world = new MortalWorld(scenario, join(temporaryFolder(), 'ledger.db'));
    for (const step of scenario.steps) await world.take(step);
    await world.heal();
    await world.expectPromisesKept();
  });
  await fc.assert(courseOfEvents, { numRuns: runs, interruptAfterTimeLimit: timeLimitMs });
});
