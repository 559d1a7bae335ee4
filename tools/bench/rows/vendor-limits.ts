import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { demoEnvironment } from '../../demo/demo-config.ts';
import { columnsOf } from '../bench-connectors.ts';
import type { BenchRow, Figure } from '../bench-row.ts';
import { expectGone, type LimitCase, limitCases, limitShare, seedPeople, untilLastDeletion } from '../limit-cases.ts';
import { useOfLatency } from '../limit-use.ts';
import { type LimitedSandbox, type LoggedCall, startLimitedSandbox } from '../limited-sandbox.ts';
import { writePeople } from '../people.ts';
import { runTimed } from '../run-timed.ts';
import { ratiosOf, summarize } from '../statistics.ts';
import { openWorkplace, root } from '../workplace.ts';
import { bareLoop } from './compare-with-bare-loop.ts';

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
        const runs: Run[] = [];
        for (let round = 1; round <= repeats; round += 1) {
          context.say(`${each.what}, ${latencyMs} ms, round ${round} of ${repeats}`);
          runs.push(await measureOnce(context.scratch, each, latencyMs, seconds));
        }
        figures.push(...figuresOf(each, latencyMs, runs));
      }
    }
    return {
      figures,
      notes: [
        `The sandbox with its documented limits, in real time, about ${seconds} s a run; the connectors keep to ${limitShare} of a rate, the default, and that is the 1 that the use is measured by. A number of calls at a time has no share.`,
        'A rate: how long after the call that had to be a window old a call began. Calls at a time: how many were open at the vendor on average, from the arrival of a call to its answer. From the first call to the last deletion.',
        "Beside a limit of calls at a time stands the bare loop: the same calls again, sent by undici alone, as many at a time, to a sandbox with the same people. It loses what the way there and back takes on two cores that both are busy; and the vendor takes longer than its latency, because it reads a hundred people and looks them up. The line 'of those that the latency alone allows' counts all of that for lost.",
        'Limits by the minute (Mixpanel profile, Segment regulations) are kept by the same pacing; a window of them is longer than a run here.',
        'In the end the vendor’s memory is asked whether everybody on the list is gone.',
      ],
    };
  },
};

/** What was seen in one round. */
interface Run {
  readonly use: number;
  readonly refused: number;
  /** Of a limit of calls at a time: what came of the same calls without anything around them. */
  readonly bareUse: number | undefined;
  /** Of a limit of calls at a time: how many calls there were, of those that the latency alone allows. */
  readonly ofLatency: number | undefined;
}

function figuresOf(each: LimitCase, latencyMs: number, runs: readonly Run[]): readonly Figure[] {
  const uses = runs.map(({ use }) => use);
  const refused = runs.reduce((sum, run) => sum + run.refused, 0);
  const bare = runs.flatMap(({ bareUse }) => bareUse ?? []);
  const ofLatency = runs.flatMap((run) => run.ofLatency ?? []);
  const figure: Figure = {
    what: `${each.what}; ${latencyMs} ms latency; ${refused} calls refused (429)`,
    unit: 'of the limit',
    values: uses,
    target: { text: `≥ ${wanted}, none refused`, isMet: summarize(uses).median >= wanted && refused === 0 },
  };
  if (bare.length === 0) return [figure];
  return [
    { ...figure, against: { what: 'bare loop', values: bare }, ratios: ratiosOf(uses, bare) },
    { what: `its calls, of those that ${latencyMs} ms latency alone allow`, unit: 'of them', values: ofLatency },
  ];
}

async function measureOnce(scratch: string, each: LimitCase, latencyMs: number, seconds: number): Promise<Run> {
  const count = each.people(seconds, latencyMs);
  const all = await withSandbox(each, latencyMs, count, async ({ url }) => {
    const place = openWorkplace(scratch, 'vendor-limits', url, [each.choice]);
    writePeople(place.path('people.csv'), count, columnsOf([each.choice.name]));
    await place.expunge(['delete', 'people.csv', '--quiet', '--wait', '30s'], { environment: demoEnvironment });
  });
  const calls = untilLastDeletion(all, each.deletion);
  const refused = all.filter(({ status }) => status === 429).length;
  const { callsAtATime } = each;
  if (callsAtATime === undefined) return { use: each.use(calls), refused, bareUse: undefined, ofLatency: undefined };
  const recorded = join(scratch, 'limit-calls.jsonl');
  writeFileSync(recorded, calls.map((call) => JSON.stringify(recordedCall(call))).join('\n'));
  const again = await withSandbox(each, latencyMs, count, async ({ url }) => {
    await runTimed([bareLoop, recorded, url, String(callsAtATime)], { folder: root });
  });
  return {
    use: each.use(calls),
    refused,
    // Without the calls that it opens its connections with.
    bareUse: each.use(untilLastDeletion(again, each.deletion).slice(callsAtATime)),
    ofLatency: useOfLatency(calls, latencyMs, callsAtATime),
  };
}

/** All calls to a sandbox that has people, and in the end has none. */
async function withSandbox(
  each: LimitCase,
  latencyMs: number,
  count: number,
  work: (sandbox: LimitedSandbox) => Promise<void>,
): Promise<readonly LoggedCall[]> {
  const sandbox = await startLimitedSandbox({ vendor: each.vendor, latencyMs, settings: each.settings ?? {} });
  try {
    await seedPeople(sandbox, each, count);
    await work(sandbox);
    await expectGone(sandbox, each, count);
    return await sandbox.calls();
  } finally {
    await sandbox.close();
  }
}

// As the bare loop reads it.
function recordedCall({ method, path, query, headers, body }: LoggedCall) {
  const rawHeaders = Object.entries(headers).flatMap(([name, value]) => [name, String(value)]);
  return { method, path: query === '' ? path : `${path}?${query}`, rawHeaders, body };
}
