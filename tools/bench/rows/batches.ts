import { type ConnectorChoice, callsInFlight, columnsOf } from '../bench-connectors.ts';
import type { BenchContext, BenchRow, Figure } from '../bench-row.ts';
import { numberWords } from '../number-words.ts';
import { writePeople } from '../people.ts';
import { summarize } from '../statistics.ts';
import { openWorkplace } from '../workplace.ts';

const latencies = [0, 20, 100];
const batchSizes = [1, 10, 100, 1000, 2000];
const inFlight = callsInFlight['mixpanel-profile'];

/** How throughput depends on how many people go into a call and how long the vendor takes to answer. */
export const batches: BenchRow = {
  name: 'batches',
  title: 'Throughput over batch size and latency',
  async measure(context) {
    const { seconds = 3, subjects: most = 20_000, repeats = 1 } = context;
    const figures: Figure[] = [];
    // A call that is never full says nothing about its size.
    const sizes = batchSizes.filter((size) => size <= most);
    for (const latencyMs of latencies) {
      for (const maxTargets of sizes) {
        // So many that the calls take about as long as wanted, and not more than the engine does in a while.
        const calls = latencyMs === 0 ? most : Math.ceil((seconds * 1000 * inFlight) / latencyMs);
        const subjects = Math.max(1, Math.min(most, calls * maxTargets));
        figures.push(await measureOne(context, { latencyMs, maxTargets, subjects, repeats }));
      }
    }
    return {
      figures,
      notes: [
        `Mixpanel profile with ${inFlight} calls at a time and no limit of rate, the lean vendor answering after the latency. Against what the latency alone would allow. The shortest run is taken off.`,
      ],
      curve: {
        file: 'throughput.svg',
        chart: {
          title: 'Throughput over batch size and vendor latency',
          xTitle: `people in a call, ${inFlight} calls at a time`,
          yTitle: 'subjects a second',
          yScale: 'log',
          series: latencies.flatMap((latencyMs, index) => {
            const ofLatency = figures.slice(index * sizes.length, (index + 1) * sizes.length);
            const points = sizes.map((size, at) => [size, summarize(ofLatency[at]?.values ?? []).median] as const);
            const measured = { name: latencyMs === 0 ? 'no latency' : `${latencyMs} ms`, points };
            if (latencyMs === 0) return [measured];
            const bound = sizes.map((size) => [size, boundOf(size, latencyMs)] as const);
            return [measured, { name: `${latencyMs} ms alone`, points: bound, isDashed: true, belongsToLast: true }];
          }),
        },
      },
    };
  },
};

async function measureOne(
  { scratch, vendor, say }: BenchContext,
  setting: {
    readonly latencyMs: number;
    readonly maxTargets: number;
    readonly subjects: number;
    readonly repeats: number;
  },
): Promise<Figure> {
  const { latencyMs, maxTargets, subjects, repeats } = setting;
  say(`${numberWords(maxTargets)} in a call, ${latencyMs} ms: ${numberWords(subjects)} subjects`);
  const choice: ConnectorChoice = { name: 'mixpanel-profile', options: { limits: { maxTargets } } };
  const place = openWorkplace(scratch, 'batches', vendor.url, [choice]);
  const run = async (count: number) => {
    writePeople(place.path('people.csv'), count, columnsOf(['mixpanel-profile']));
    place.forget();
    await vendor.reset({ latencyMs });
    const { ms } = await place.expunge(['delete', 'people.csv', '--quiet', '--wait', '10s']);
    const { missing, repeated, strangers } = await vendor.judge(count);
    if (missing + repeated + strangers > 0) throw new Error('Not everybody was deleted exactly once.');
    return ms;
  };
  const values: number[] = [];
  for (let round = 0; round < repeats; round += 1) {
    const ms = await run(subjects);
    // One call is part of the shortest run, and of the other one too.
    const shortestMs = await run(1);
    values.push(subjects / ((ms - shortestMs + latencyMs) / 1000));
  }
  const what = `${numberWords(maxTargets)} in a call, ${latencyMs === 0 ? 'no latency' : `${latencyMs} ms`}`;
  if (latencyMs === 0) return { what, unit: 'subjects/s', values };
  const bound = boundOf(maxTargets, latencyMs);
  return {
    what,
    unit: 'subjects/s',
    values,
    against: { what: 'latency alone', values: [bound] },
    ratios: values.map((value) => value / bound),
  };
}

function boundOf(maxTargets: number, latencyMs: number): number {
  return (maxTargets * inFlight * 1000) / latencyMs;
}
