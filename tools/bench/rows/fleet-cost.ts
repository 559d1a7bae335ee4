import { type BenchConnector, callsInFlight, columnsOf } from '../bench-connectors.ts';
import type { BenchContext, BenchRow, Figure } from '../bench-row.ts';
import { startDurableServer } from '../fleet-place.ts';
import { numberWords } from '../number-words.ts';
import { writePeople } from '../people.ts';
import { runFleet } from '../run-fleet.ts';
import { ratiosOf } from '../statistics.ts';
import { openWorkplace } from '../workplace.ts';
import { deleteList } from './compare-with-bare-loop.ts';

// One that takes a subject in a call, and one that takes a hundred.
const connectors: readonly BenchConnector[] = ['segment-identifier', 'clevertap'];
const usualFleets = [1, 2, 4];

/** What a task costs where a database and a queue stand between the workers, and not a file. */
export const fleetCost: BenchRow = {
  name: 'fleet-cost',
  title: 'Cost of a task in a fleet',
  async measure(context) {
    const { subjects = 4000, repeats = 3 } = context;
    const fleets = context.workers ?? usualFleets;
    const figures: Figure[] = [];
    const server = await startDurableServer();
    try {
      for (const name of connectors.filter(context.isWanted)) {
        const single: number[] = [];
        const fleet = new Map<number, number[]>(fleets.map((workers) => [workers, []]));
        for (let round = 1; round <= repeats; round += 1) {
          context.say(`${name}: round ${round} of ${repeats}`);
          single.push((await onOneMachine(context, name, subjects)) / subjects);
          for (const workers of fleets) {
            fleet
              .get(workers)
              ?.push((await runFleet(context, server, { name, workers, subjects, latencyMs: 0 })) / subjects);
          }
        }
        for (const [workers, values] of fleet) {
          figures.push({
            what: `${name}, ${callsInFlight[name]} calls at a time, ${workers === 1 ? '1 worker' : `${workers} workers`}`,
            unit: 'ms a task',
            values,
            against: { what: 'single machine', values: single },
            ratios: ratiosOf(values, single),
          });
        }
      }
    } finally {
      await server.stop();
    }
    return {
      figures,
      notes: [
        `${numberWords(subjects)} subjects a run, a task each, from the CSV file to the settled ledger; the lean vendor without latency, limits of rate lifted: nothing but the work itself. Workers, database, vendor and intake share this machine.`,
        'What a run costs whatever its length (a run with one person, measured in the same round) is taken off both sides. The workers are there before the list comes.',
        'After each run the vendor is asked whether everybody was deleted exactly once, and nobody else.',
      ],
    };
  },
};

async function onOneMachine(
  { scratch, vendor }: BenchContext,
  name: BenchConnector,
  subjects: number,
): Promise<number> {
  const place = openWorkplace(scratch, name, vendor.url, [name]);
  writePeople(place.path('people.csv'), subjects, columnsOf([name]));
  writePeople(place.path('one.csv'), 1, columnsOf([name]));
  const { ms } = await deleteList(place, vendor, 'people.csv', subjects);
  return ms - (await deleteList(place, vendor, 'one.csv', 1)).ms;
}
