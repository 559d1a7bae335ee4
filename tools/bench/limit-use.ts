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

/** A call that a vendor got, in milliseconds. */
export interface OpenCall {
  /** When it came. */
  readonly at: number;
  /** When it was answered. Absent: never. */
  readonly answeredAt?: number;
}

/**
 * How much of a limit of calls at the same time was used, from 0 to 1: how many were open at the vendor on average, of
 * those allowed.
 *
 * @param calls - Those that came, in order of arrival.
 */
export function useOfRoom(calls: readonly OpenCall[], allowed: number): number {
  const first = calls[0]?.at;
  if (first === undefined) throw new Error('Without a call nothing is used.');
  const openMs = calls.reduce((sum, { at, answeredAt = at }) => sum + answeredAt - at, 0);
  const last = calls.reduce((latest, { at, answeredAt = at }) => Math.max(latest, answeredAt), first);
  return openMs / (allowed * (last - first));
}

/**
 * The same by what would be possible: how many calls there were, of those that would fit if the vendor took its latency for
 * each and nothing else, neither of its own work nor of the way there and back.
 */
export function useOfLatency(calls: readonly OpenCall[], lastedMs: number, allowed: number): number {
  const first = calls[0]?.at;
  const last = calls.at(-1)?.at;
  if (first === undefined || last === undefined) throw new Error('Without a call nothing is used.');
  return (calls.length * lastedMs) / (allowed * (last + lastedMs - first));
}
