import { demoEnvironment } from '../../demo/demo-config.ts';
import { columnsOf } from '../bench-connectors.ts';
import type { BenchRow, Figure } from '../bench-row.ts';
import { expectGone, type LimitCase, limitCases, limitShare, seedPeople, startsOf } from '../limit-cases.ts';
import { type LoggedCall, startLimitedSandbox } from '../limited-sandbox.ts';
import { writePeople } from '../people.ts';
import { summarize } from '../statistics.ts';
import { openWorkplace } from '../workplace.ts';

const wanted = 0.97;
const latencies = [20, 100];

/** How much of what a vendor allows is used. */
export const vendorLimits: BenchRow = {
  name: 'vendor-limits',
  title: "Use of the vendors' documented limits",
  async measure(context) {
    const { seconds = 12, repeats = 2 } = context;
    const figures: Figure[] = [];
    for (const each of limitCases.filter(({ choice }) => context.isWanted(choice.name))) {
      for (const latencyMs of latencies) {
        const uses: number[] = [];
        let refused = 0;
        for (let round = 1; round <= repeats; round += 1) {
          context.say(`${each.what}, ${latencyMs} ms, round ${round} of ${repeats}`);
          const calls = await callsOf(context.scratch, each, latencyMs, seconds);
          refused += calls.filter(({ status }) => status === 429).length;
          uses.push(each.use(startsOf(calls, each.deletion), latencyMs));
        }
        const isMet = summarize(uses).median >= wanted && refused === 0;
        figures.push({
          what: `${each.what}; ${latencyMs} ms latency; ${refused} calls refused (429)`,
          unit: 'of the limit',
          values: uses,
          target: { text: `≥ ${wanted}, none refused`, isMet },
        });
      }
    }
    return {
      figures,
      notes: [
        `The sandbox with its documented limits, in real time, about ${seconds} s a run; the connectors keep to ${limitShare} of a rate, the default, and that is the 1 that the use is measured by. A number of calls at a time has no share.`,
        'A rate: how long after the call that had to be a window old a call began. Calls at a time: how many were open at the vendor on average, its latency taken for how long each was. Both from the first deletion to the last.',
        'Limits by the minute (Mixpanel profile, Segment regulations) are kept by the same pacing; a window of them is longer than a run here.',
        'In the end the vendor’s memory is asked whether everybody on the list is gone.',
      ],
    };
  },
};

async function callsOf(
  scratch: string,
  each: LimitCase,
  latencyMs: number,
  seconds: number,
): Promise<readonly LoggedCall[]> {
  const count = each.people(seconds, latencyMs);
  const sandbox = await startLimitedSandbox({ vendor: each.vendor, latencyMs, settings: each.settings ?? {} });
  try {
    await seedPeople(sandbox, each, count);
    const place = openWorkplace(scratch, 'vendor-limits', sandbox.url, [each.choice]);
    writePeople(place.path('people.csv'), count, columnsOf([each.choice.name]));
    await place.expunge(['delete', 'people.csv', '--quiet', '--wait', '30s'], { environment: demoEnvironment });
    await expectGone(sandbox, each, count);
    return await sandbox.calls();
  } finally {
    await sandbox.close();
  }
}
