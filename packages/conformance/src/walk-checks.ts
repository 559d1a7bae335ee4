import { checkAll, type Submission, submissionsOf, submitAll } from './carry-out.ts';
import { type ConformanceCheck, ensure } from './conformance-check.ts';
import type { ConformanceHarness } from './conformance-harness.ts';
import { unless } from './not-asked.ts';
import { areGone, type Person, seedPeople } from './people.ts';
import { checkCalmly } from './submissions.ts';

const notPolled = unless(({ capabilities }) => capabilities.completion.type === 'polled', 'completion is not polled');

/** What is said between a submission and its end, at every stage of the vendor's work. */
export const walkChecks: readonly ConformanceCheck[] = [
  {
    name: "says 'deleted' at no moment on the way before it is true",
    notAsked: notPolled,
    async run(harness) {
      const [person] = await seedPeople(harness, 'ada-4711');
      const submissions = await submitOnly(harness, person);
      await walk(harness, 1.3, async () => {
        for (const submission of submissions) await ensureTrue(harness, submission, person, 'while the vendor works');
      });
    },
  },
  {
    name: "does not take another submission's end for its own",
    notAsked: notPolled,
    async run(harness) {
      const [early, middle, late] = await seedPeople(harness, 'early-1', 'middle-2', 'late-3');
      const first = await submitOnly(harness, early);
      const pause = Math.ceil(timeOf(harness) / 3);
      harness.clock.advance(pause);
      const second = await submitOnly(harness, middle);
      harness.clock.advance(pause);
      const third = await submitOnly(harness, late);
      const when = 'while another submission has ended';
      await walk(harness, 1.7, async () => {
        for (const submission of third) await ensureTrue(harness, submission, late, when);
        for (const submission of second) await ensureTrue(harness, submission, middle, when);
        for (const submission of first) await ensureTrue(harness, submission, early, when);
      });
      await harness.settle();
      const states = [];
      for (const submission of [...first, ...second, ...third]) {
        states.push(...(await checkCalmly(harness, submission)));
      }
      const unfinished = states.find(({ state }) => state !== 'deleted');
      ensure(
        unfinished === undefined,
        `Of three submissions that all ended, check() says '${unfinished?.state}' of one. Ask about the job that the receipt names.`,
      );
    },
  },
  {
    name: 'a submission does not end with one that was made before it',
    notAsked: notPolled,
    async run(harness) {
      const [before, after] = await seedPeople(harness, 'before-1', 'after-2');
      const targets = before?.targets ?? [];
      const outcomes = await submitAll(harness, targets);
      await harness.settle();
      await checkAll(harness, targets, outcomes);
      for (const submission of await submitOnly(harness, after)) {
        await ensureTrue(harness, submission, after, 'right after an older submission has ended');
      }
    },
  },
];

async function submitOnly(harness: ConformanceHarness, person: Person | undefined): Promise<readonly Submission[]> {
  const targets = person?.targets ?? [];
  return submissionsOf(targets, await submitAll(harness, targets));
}

async function ensureTrue(
  harness: ConformanceHarness,
  submission: Submission,
  person: Person | undefined,
  when: string,
): Promise<void> {
  const states = await checkCalmly(harness, submission);
  const said = states.find(({ state }) => state === 'deleted');
  ensure(
    said === undefined || (person !== undefined && (await areGone(harness, [person]))),
    `check() says 'deleted' (${said?.vendorStatus}) ${when}, and the person is still at the vendor. Say 'pending' for every ` +
      'word that is not final, and read the state of the very job that the receipt names.',
  );
  const ended = states.find(({ state }) => state !== 'deleted' && state !== 'pending');
  ensure(
    ended === undefined,
    `check() says '${ended?.state}' (${ended?.vendorStatus}) ${when}, of a submission that the vendor works on and ends well. ` +
      "Say 'pending' for every word that is not final.",
  );
}

/** Walks through the vendor's time in steps that grow, since some stages are short and come early, and asks at each. */
async function walk(harness: ConformanceHarness, growth: number, ask: () => Promise<void>): Promise<void> {
  const { clock } = harness;
  const start = clock.now();
  const total = timeOf(harness);
  await ask();
  for (let share = 1 / 512; share <= 1; share *= growth) {
    const at = start + Math.ceil(total * share);
    if (at > clock.now()) clock.advance(at - clock.now());
    await ask();
  }
}

function timeOf({ connector }: ConformanceHarness): number {
  const { completion } = connector.capabilities;
  return completion.type === 'polled' ? completion.expectedWithinMs : 0;
}
