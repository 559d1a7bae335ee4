import { demoEnvironment } from '../../demo/demo-config.ts';
import { columnsOf } from '../bench-connectors.ts';
import type { BenchRow } from '../bench-row.ts';
import { type LoggedCall, startLimitedSandbox } from '../limited-sandbox.ts';
import { personAt, writePeople } from '../people.ts';
import { summarize } from '../statistics.ts';
import { openWorkplace } from '../workplace.ts';

const documented = 100;
const real = 33;
const latencyMs = 20;
const wanted = 0.9;
const mostRefused = 0.01;

/** What comes of a vendor that allows a third of what it documents. */
export const slowerVendor: BenchRow = {
  name: 'slower-vendor',
  title: 'A vendor whose real limit is a third of the documented one',
  async measure(context) {
    const { seconds = 120, repeats = 1 } = context;
    const firstMs = (seconds * 1000) / 2;
    const uses: number[] = [];
    const refusedShares: number[] = [];
    const laterShares: number[] = [];
    for (let round = 1; round <= repeats; round += 1) {
      context.say(`round ${round} of ${repeats}: ${seconds} s`);
      const calls = await callsWithin(context.scratch, seconds);
      const began = calls[0]?.at ?? 0;
      const later = calls.filter(({ at }) => at >= began + firstMs);
      uses.push(later.filter(isTaken).length / (real * (seconds - firstMs / 1000)));
      refusedShares.push(shareRefused(calls));
      laterShares.push(shareRefused(later));
    }
    const isMet = summarize(uses).median >= wanted;
    const isSpared = summarize(refusedShares).median < mostRefused;
    return {
      figures: [
        {
          what: 'calls taken in the second half, of what the vendor really allows',
          unit: 'of the limit',
          values: uses,
          target: { text: `≥ ${wanted}`, isMet },
        },
        {
          what: 'calls refused (429), of all',
          unit: 'of the calls',
          values: refusedShares,
          target: { text: `< ${mostRefused}`, isMet: isSpared },
        },
        { what: 'calls refused (429), in the second half', unit: 'of the calls', values: laterShares },
      ],
      notes: [
        `Segment identifiers, in real time for ${seconds} s: the connector goes by the documented ${documented} calls/s at its default share of 0.8, the sandbox takes ${real} in any second and answers the others with 429 and no hint how long to wait; latency ${latencyMs} ms. The first half is for finding out.`,
      ],
    };
  },
};

async function callsWithin(scratch: string, seconds: number): Promise<readonly LoggedCall[]> {
  const count = Math.ceil(real * seconds * 1.5);
  const sandbox = await startLimitedSandbox({
    vendor: 'segment',
    latencyMs,
    settings: { segment: { profileCallsPerSecond: real } },
  });
  try {
    const people = Array.from({ length: count }, (_, position) => personAt(position));
    await sandbox.seed(people.map(({ userId, email }) => ({ userId, externalIds: [`email:${email}`] })));
    const place = openWorkplace(scratch, 'slower-vendor', sandbox.url, [
      {
        name: 'segment-identifier',
        entry: { limitShare: 0.8 },
        options: {
          token: { env: 'SEGMENT_SPACE_TOKEN' },
          spaceId: 'sandbox-space',
          limits: { callsPerSecond: documented },
        },
      },
    ]);
    writePeople(place.path('people.csv'), count, columnsOf(['segment-identifier']));
    await place.expunge(['delete', 'people.csv', '--quiet', '--wait', 'all'], {
      environment: demoEnvironment,
      // Room for the start and the intake; the calls are counted from the first one on.
      stopAfterMs: seconds * 1000 + 15_000,
      codes: [0, 3],
    });
    const calls = await sandbox.calls();
    const began = calls[0]?.at ?? 0;
    return calls.filter(({ at }) => at < began + seconds * 1000);
  } finally {
    await sandbox.close();
  }
}

function isTaken({ status }: LoggedCall): boolean {
  return status === 200;
}

function shareRefused(calls: readonly LoggedCall[]): number {
  return calls.filter(({ status }) => status === 429).length / calls.length;
}
