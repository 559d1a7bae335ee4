/** Parts of one call that get a number of their own. */
const partsPerCall = 10_000;

/**
 * The number of a part of a call or job that is bisected. Tasks with one number are sent in one call. It is derived from the call that
 * brought the refusal, so that no two parts share one.
 */
export function partNumber(callId: number, part: number): number {
  return callId * partsPerCall + part;
}

/** Which part a target belongs to, from 0, where `count` targets are divided evenly and in order. */
export function partOf(index: number, count: number, parts: number): number {
  return Math.floor((index * parts) / count);
}

/**
 * Into how many parts a job that failed is divided, to find the target that it failed for.
 *
 * Two parts a round take the fewest jobs. Where the time left allows only a few rounds more, each of them as long as the job
 * took, there are as many parts as it takes to be done in time. In the last round, and after the deadline, everybody is alone.
 *
 * @param count - Targets of the job, 2 or more.
 * @param roundMs - How long the job took until it was known to have failed.
 * @param leftMs - Until the earliest deadline of them; 0 or less: it is over.
 * @returns Between 2 and `count`.
 */
export function partsOfFailedJob(count: number, roundMs: number, leftMs: number): number {
  const rounds = Math.floor(leftMs / Math.max(1, roundMs));
  const widest = Math.min(count, partsPerCall);
  if (rounds <= 1) return widest;
  return Math.min(widest, Math.max(2, Math.ceil(count ** (1 / rounds) - 1e-9)));
}
