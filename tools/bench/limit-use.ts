/**
 * How much of a limit of rate was used, from 0 to 1. With `calls` allowed in any `perMs`, a call may begin as soon as
 * the one `calls` before it is `perMs` old: the use is `perMs` over how old that one really was, on average.
 *
 * @param starts - When calls began, in milliseconds, in order.
 * @throws Error where there are too few of them to tell.
 */
export function useOfRate(starts: readonly number[], calls: number, perMs: number): number {
  const gaps = starts.slice(calls).map((start, index) => start - (starts[index] ?? Number.NaN));
  if (gaps.length === 0) throw new Error(`${starts.length} calls are too few to see a limit of ${calls}.`);
  return perMs / (gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length);
}

/**
 * How much of a limit of calls at the same time was used, from 0 to 1: how many were open on average, of those allowed.
 *
 * @param starts - When calls began, in milliseconds, in order.
 * @param lastedMs - How long the vendor takes for each.
 */
export function useOfRoom(starts: readonly number[], lastedMs: number, allowed: number): number {
  const first = starts[0];
  const last = starts.at(-1);
  if (first === undefined || last === undefined) throw new Error('Without a call nothing is used.');
  return (starts.length * lastedMs) / (allowed * (last + lastedMs - first));
}
