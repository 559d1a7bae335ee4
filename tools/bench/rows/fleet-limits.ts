import { demoEnvironment } from '../../demo/demo-config.ts';
import type { PostgresServer } from '../../postgres-server.ts';
import { columnsOf } from '../bench-connectors.ts';
import type { BenchRow, Figure } from '../bench-row.ts';
import { openFleetPlace, startDurableServer } from '../fleet-place.ts';
import { expectGone, type LimitCase, limitCases, limitShare, seedPeople, untilLastDeletion } from '../limit-cases.ts';
import { startLimitedSandbox } from '../limited-sandbox.ts';
import { writePeople } from '../people.ts';
import { summarize } from '../statistics.ts';

const wanted = 0.97;
const latencyMs = 100;
const usualFleets = [1, 2, 3, 4];

interface Run {
  /** Of what the vendor allows. */
  readonly use: number;
  readonly refused: number;
}

/** What several workers make of a vendor's limit, all together. */
export const fleetLimits: BenchRow = {
  name: 'fleet-limits',
  title: "A fleet at the vendors' documented limits",
  async measure(context) {
    const { seconds = 12, repeats = 2 } = context;
    const fleets = context.workers ?? usualFleets;
    const figures: Figure[] = [];
    const server = await startDurableServer();
    try {
      for (const each of limitCases.filter(({ choice }) => context.isWanted(choice.name))) {
        const runs = new Map<number, Run[]>(fleets.map((workers) => [workers, []]));
        for (let round = 1; round <= repeats; round += 1) {
          for (const workers of fleets) {
            context.say(`${each.what}, ${workers} workers, round ${round} of ${repeats}`);
            runs.get(workers)?.push(await measureFleet(server, context.scratch, each, workers, seconds));
          }
        }
        for (const [workers, those] of runs) figures.push(figureOf(each, workers, those));
      }
    } finally {
      await server.stop();
    }
    return {
      figures,
      notes: [
        `The sandbox with its documented limits and ${latencyMs} ms latency, in real time, about ${seconds} s a run; PostgreSQL on the same machine, commits on the disk. The workers are there before the list comes.`,
        `The limit is what the vendor allows; of a rate, the share of ${limitShare} that connectors keep to. The share of it is measured as in the row of the limits on a single machine, over all workers' calls together.`,
        "One worker nearly always reaches a vendor's limit: more of them are there so that none matters, and must together stay where one would.",
        'In the end the vendor’s memory is asked whether everybody on the list is gone.',
      ],
    };
  },
};

function figureOf(each: LimitCase, workers: number, runs: readonly Run[]): Figure {
  const refused = runs.reduce((sum, run) => sum + run.refused, 0);
  const uses = runs.map(({ use }) => use);
  return {
    what: `${each.what}; ${workers === 1 ? '1 worker' : `${workers} workers`}; ${refused} calls refused (429)`,
    unit: each.allowed.unit,
    values: uses.map((use) => use * each.allowed.amount),
    against: { what: 'the limit', values: uses.map(() => each.allowed.amount) },
    ratios: uses,
    target: { text: `≥ ${wanted} of it, none refused`, isMet: summarize(uses).median >= wanted && refused === 0 },
  };
}

async function measureFleet(
  server: PostgresServer,
  scratch: string,
  each: LimitCase,
  workers: number,
  seconds: number,
): Promise<Run> {
  const count = each.people(seconds, latencyMs);
  const { vendor, settings = {}, choice } = each;
  const sandbox = await startLimitedSandbox({ vendor, latencyMs, settings });
  try {
    await seedPeople(sandbox, each, count);
    const fleet = await openFleetPlace(server, {
      ...{ scratch, url: sandbox.url, choice, workers },
      environment: demoEnvironment,
    });
    try {
      writePeople(fleet.place.path('people.csv'), count, columnsOf([choice.name]));
      await fleet.deleteList('people.csv');
    } finally {
      await fleet.close();
    }
    const calls = await sandbox.calls();
    await expectGone(sandbox, each, count);
    return {
      use: each.use(untilLastDeletion(calls, each.deletion)),
      refused: calls.filter(({ status }) => status === 429).length,
    };
  } finally {
    await sandbox.close();
  }
}
