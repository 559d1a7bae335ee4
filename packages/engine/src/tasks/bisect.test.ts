import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { partNumber, partOf, partsOfFailedJob } from './bisect.ts';

const dayMs = 86_400_000;

/** Bisects jobs that fail where they have a poisonous target, each job taking as long as the last. */
function bisect(count: number, poison: ReadonlySet<number>, jobMs: number, dueAt: number) {
  const failed: number[] = [];
  const done: number[] = [];
  let jobs = 0;
  let now = 0;
  let rounds = 0;
  let open = [Array.from({ length: count }, (_, index) => index)];
  while (open.length > 0) {
    rounds += 1;
    now += jobMs;
    jobs += open.length;
    open = open.flatMap((job) => {
      if (!job.some((target) => poison.has(target))) {
        done.push(...job);
        return [];
      }
      if (job.length === 1) {
        failed.push(...job);
        return [];
      }
      const parts = partsOfFailedJob(job.length, jobMs, dueAt - now);
      return [...Map.groupBy(job, (target) => partOf(job.indexOf(target), job.length, parts)).values()];
    });
  }
  return { failed: failed.sort((a, b) => a - b), done: done.sort((a, b) => a - b), jobs, rounds, endedAt: now };
}

describe('a job that failed', () => {
  it('is divided until only the poisonous targets have failed, and everybody else is done', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 400 }).chain((count) =>
          fc.record({
            count: fc.constant(count),
            poison: fc.uniqueArray(fc.integer({ min: 0, max: count - 1 }), { maxLength: 5 }),
          }),
        ),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: -5, max: 60 }),
        ({ count, poison }, jobDays, dueDays) => {
          const end = bisect(count, new Set(poison), jobDays * dayMs, dueDays * dayMs);
          expect(end.failed).toEqual(poison.toSorted((a, b) => a - b));
          expect(end.done).toHaveLength(count - poison.length);
          // Halves at the most: each round leaves at least two parts of what there was.
          expect(end.rounds).toBeLessThanOrEqual(1 + Math.ceil(Math.log2(count)));
          expect(end.jobs).toBeLessThan(2 * count);
        },
      ),
    );
  });

  it('is over by the deadline wherever that leaves time for one round more', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 400 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 2, max: 40 }),
        (count, jobDays, roundsInTime) => {
          const dueAt = roundsInTime * jobDays * dayMs;
          const end = bisect(count, new Set([count - 1]), jobDays * dayMs, dueAt);
          expect(end.endedAt).toBeLessThanOrEqual(dueAt);
        },
      ),
    );
  });

  it('takes the fewest jobs where there is time: two a round', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 400 }),
        fc.uniqueArray(fc.nat({ max: 399 }), { maxLength: 5 }),
        (count, poison) => {
          const found = new Set(poison.filter((target) => target < count));
          const end = bisect(count, found, dayMs, 365 * dayMs);
          expect(end.jobs).toBeLessThanOrEqual(1 + 2 * found.size * Math.ceil(Math.log2(count)));
        },
      ),
    );
    const { jobs, rounds } = bisect(512, new Set([100]), dayMs, 365 * dayMs);
    expect({ jobs, rounds }).toEqual({ jobs: 19, rounds: 10 });
  });

  it('leaves everybody alone in the last round before the deadline, and after it', () => {
    expect(partsOfFailedJob(500, 10 * dayMs, 15 * dayMs)).toBe(500);
    expect(partsOfFailedJob(500, 10 * dayMs, 25 * dayMs)).toBe(23);
    expect(partsOfFailedJob(500, 10 * dayMs, -dayMs)).toBe(500);
  });
});

describe('the number of a part', () => {
  it('is that of no other part of any call', () => {
    const numbers = [1, 2, 3].flatMap((call) => [0, 1, 9999].map((part) => partNumber(call, part)));
    expect(new Set(numbers).size).toBe(numbers.length);
  });
});
