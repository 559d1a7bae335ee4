import fc from 'fast-check';
import { it } from 'vitest';
import { randomScenario } from './random-scenario.ts';
import { ScenarioRun } from './scenario-run.ts';
import { isOnPostgres, newLedgerPath } from './test-ledger.ts';

// The same scenarios in every check, so that a red one is about the change at hand. Others by hand:
// EXPUNGE_SEED=7 EXPUNGE_COURSES=2000 pnpm unit packages/engine/test/random-faults.test.ts
const seed = Number(process.env.EXPUNGE_SEED ?? 20261121);
// On a server each scenario costs ten times as much.
const runs = Number(process.env.EXPUNGE_COURSES ?? (isOnPostgres ? 6 : 60));
// A failure is made smaller for this long before it is reported, with the seed that brings it back.
const timeLimitMs = 5 * 60_000;

it('keeps its promises through any course of faults, false answers, stops, crashes and operator decisions', async () => {
  const scenarios = fc.asyncProperty(randomScenario, async (scenario) => {
    const run = new ScenarioRun(scenario, newLedgerPath());
    for (const step of scenario.steps) await run.apply(step);
    await run.endFaults();
    await run.expectPromisesKept();
  });
  await fc.assert(scenarios, { seed, numRuns: runs, interruptAfterTimeLimit: timeLimitMs });
});
