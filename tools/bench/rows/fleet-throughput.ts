import { type BenchConnector, callsInFlight } from '../bench-connectors.ts';
import type { BenchRow, Figure } from '../bench-row.ts';
import { startDurableServer } from '../fleet-place.ts';
import { numberWords } from '../number-words.ts';
import { runFleet } from '../run-fleet.ts';

const latencyMs = 100;
const usualFleets = [1, 2, 4];

/** How many targets go into a call of each. */
const targetsInCall = { 'segment-identifier': 1, clevertap: 100 } as const satisfies Partial<
  Record<BenchConnector, number>
>;

/** What several workers get done at vendors that take their time, where nothing but that bounds them. */
export const fleetThroughput: BenchRow = {
  name: 'fleet-throughput',
  title: 'Throughput of a fleet at vendors with 100 ms latency',
  async measure(context) {
    const { seconds = 8, repeats = 2 } = context;
    const fleets = context.workers ?? usualFleets;
    const figures: Figure[] = [];
    const server = await startDurableServer();
    try {
      for (const [name, targets] of Object.entries(targetsInCall) as [keyof typeof targetsInCall, number][]) {
        if (!context.isWanted(name)) continue;
        const allowed = (callsInFlight[name] * targets * 1000) / latencyMs;
        const subjects = context.subjects ?? allowed * seconds;
        for (const workers of fleets) {
          const values: number[] = [];
          for (let round = 1; round <= repeats; round += 1) {
            context.say(`${name}: ${workers} workers, round ${round} of ${repeats}`);
            values.push((subjects * 1000) / (await runFleet(context, server, { name, workers, subjects, latencyMs })));
          }
          figures.push({
            what: `${name}, ${callsInFlight[name]} calls at a time of ${numberWords(targets)}, ${workers === 1 ? '1 worker' : `${workers} workers`}`,
            unit: 'subjects/s',
            values,
            against: { what: 'latency alone', values: values.map(() => allowed) },
            ratios: values.map((value) => value / allowed),
          });
        }
      }
    } finally {
      await server.stop();
    }
    return {
      figures,
      notes: [
        `The lean vendor answers after ${latencyMs} ms; limits of rate are lifted, calls at a time are those of the account, whatever the number of workers. From the CSV file to the settled ledger, without what a run costs whatever its length; about ${seconds} s at what the latency alone allows. Workers, database, vendor and intake share this machine.`,
        'After each run the vendor is asked whether everybody was deleted exactly once, and nobody else.',
      ],
    };
  },
};
