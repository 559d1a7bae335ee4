import { columnsOf } from '../bench-connectors.ts';
import type { BenchContext, BenchRow, Figure } from '../bench-row.ts';
import { numberWords } from '../number-words.ts';
import { writePeople } from '../people.ts';
import type { TimedRun } from '../run-timed.ts';
import { summarize } from '../statistics.ts';
import { openWorkplace, type Workplace } from '../workplace.ts';

// Some of the noise of a shared machine is let through; a cost that really grows faster than the ledger is not.
const tolerance = 1.25;

interface Operation {
  readonly name: string;
  /** `each`: it touches every request, and may take a time for each. `one`: it may not feel the others. */
  readonly scope: 'each' | 'one';
  run(place: Workplace, context: BenchContext, size: number): Promise<Pick<TimedRun, 'ms'>>;
}

const refused = { codes: [4] };

// In this order, on one ledger: it is empty at first, full and unsent after the intake, settled after the resume.
const operations: readonly Operation[] = [
  {
    name: 'plan',
    scope: 'each',
    run: (place) => place.expunge(['plan', 'people.csv', '--quiet']),
  },
  {
    name: 'intake (delete, with the vendor refusing its credentials)',
    scope: 'each',
    async run(place, { vendor }) {
      await vendor.reset({ isRefusing: true });
      return await place.expunge(['delete', 'people.csv', '--quiet', '--wait', '0s'], refused);
    },
  },
  { name: 'status of one request', scope: 'one', run: (place) => place.expunge(['status', 'request-0000001']) },
  { name: 'status of everything', scope: 'one', run: (place) => place.expunge(['status']) },
  {
    name: 'start of resume, with everything due: until the first call is there',
    scope: 'one',
    async run(place, { vendor }) {
      await vendor.reset({ isRefusing: true });
      const startedAt = Date.now();
      await place.expunge(['resume', '--quiet', '--wait', '0s'], refused);
      const { firstCallAt = Number.NaN } = await vendor.usage();
      return { ms: firstCallAt - startedAt };
    },
  },
  {
    name: 'resume, with everything due',
    scope: 'each',
    async run(place, { vendor }, size) {
      await vendor.reset();
      const run = await place.expunge(['resume', '--quiet', '--wait', '0s']);
      const { missing, repeated, strangers } = await vendor.judge(size);
      if (missing + repeated + strangers > 0) throw new Error('Not everybody was deleted exactly once.');
      return run;
    },
  },
  {
    name: 'resume, with nothing due',
    scope: 'one',
    run: (place) => place.expunge(['resume', '--quiet', '--wait', '0s']),
  },
  {
    name: 'report (CSV)',
    scope: 'each',
    run: (place) => place.expunge(['report', '--quiet', '--output', 'report.csv']),
  },
];

/** Whether commands get slower with the ledger than they have to. */
export const growth: BenchRow = {
  name: 'growth',
  title: 'Cost of growth',
  async measure(context) {
    const { scratch, vendor, say, subjects: largest = 100_000, repeats = 2 } = context;
    const sizes = [...new Set([1, largest / 100, largest / 10, largest].map((size) => Math.max(1, Math.round(size))))];
    const place = openWorkplace(scratch, 'growth', vendor.url, ['mixpanel-profile']);
    const times = new Map<string, number[]>();
    const timesOf = (operation: Operation, size: number) => times.get(`${operation.name} ${size}`) ?? [];
    for (let round = 1; round <= repeats; round += 1) {
      for (const size of sizes) {
        say(`${numberWords(size)} requests, round ${round} of ${repeats}`);
        place.forget();
        writePeople(place.path('people.csv'), size, columnsOf(['mixpanel-profile']));
        for (const operation of operations) {
          const { ms } = await operation.run(place, context, size);
          times.set(`${operation.name} ${size}`, [...timesOf(operation, size), ms]);
        }
      }
    }
    const [one = 1, small = 1] = sizes;
    // The smallest list takes hardly longer than one request, and the difference of two such times is mostly noise.
    const tenth = sizes.at(-2) ?? one;
    const figures = operations.map((operation) =>
      figureOf(operation, { one, small: operation.scope === 'one' ? small : tenth, large: largest }, (size) =>
        timesOf(operation, size),
      ),
    );
    const lines = operations.map((operation) => [
      operation.name,
      ...sizes.map((size) => summarize(timesOf(operation, size)).median),
    ]);
    return {
      figures,
      breakdowns: [
        {
          title: 'Milliseconds of each command, by requests in the ledger',
          columns: ['command', ...sizes.map(numberWords)],
          lines,
        },
      ],
      notes: [
        `One connector (Mixpanel profile), whole processes of the command. What touches every request is compared with a ledger of a tenth, the time with one request taken off, so that the start of the process does not hide how the rest grows; what may not feel the other requests, with a ledger of a hundredth, and nothing is taken off.`,
        `A ratio of ${tolerance} is let through: the machine is not quiet enough for less.`,
      ],
    };
  },
};

function figureOf(
  { name, scope }: Operation,
  { one, small, large }: { readonly one: number; readonly small: number; readonly large: number },
  timesOf: (size: number) => readonly number[],
): Figure {
  const fixed = timesOf(one);
  const measured = (size: number) =>
    timesOf(size).map((ms, round) => (scope === 'one' ? ms : ((ms - (fixed[round] ?? 0)) * 1000) / size));
  const ratios = measured(large).map((value, round) => value / (measured(small)[round] ?? Number.NaN));
  const isMet = summarize(ratios).median <= tolerance;
  return {
    what: `${name}, ${numberWords(large)} requests`,
    unit: scope === 'one' ? 'ms' : 'µs a request',
    values: measured(large),
    against: { what: numberWords(small), values: measured(small) },
    ratios,
    target: { text: scope === 'one' ? 'constant' : 'linear', isMet },
  };
}
