import { countWords } from './table.ts';

const units = [
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
] as const;

/**
 * Reads a duration of the command line: `500ms`, `30s`, `10m`, `1h`, `2d`; `all` waits for ever.
 *
 * @returns Milliseconds; undefined where it is no duration.
 */
export function parseDuration(text: string): number | undefined {
  if (text === 'all') return Number.POSITIVE_INFINITY;
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text);
  const unit = units.find(([name]) => name === match?.[2]);
  return match?.[1] === undefined || unit === undefined ? undefined : Number(match[1]) * unit[1];
}

const words = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
] as const;

/** A duration in words, in its largest sensible unit: `3 minutes`, `30 days`. Rounded up. */
export function durationWords(ms: number): string {
  if (ms <= 0) return 'no time';
  if (ms < 1000) return 'less than a second';
  // 90 minutes say more than 2 hours do.
  const [name, unitMs] = words.find(([, size]) => ms >= 2 * size) ?? (['second', 1000] as const);
  const count = Math.ceil(ms / unitMs);
  return `${countWords(count)} ${name}${count === 1 ? '' : 's'}`;
}

/** When something goes on, for people: `in 6 seconds`, and further away as a time. */
export function whenWords(at: string, nowMs: number): string {
  const aheadMs = Date.parse(at) - nowMs;
  if (aheadMs <= 0) return 'now';
  return aheadMs < 3_600_000 ? `in ${durationWords(aheadMs)}` : `at ${timeWords(at, nowMs)}`;
}

/** A time for people: `2026-08-21 14:05 UTC`; of the same day only `14:05 UTC`. */
export function timeWords(at: string, nowMs: number): string {
  const iso = new Date(at).toISOString();
  const time = `${iso.slice(11, 16)} UTC`;
  return iso.slice(0, 10) === new Date(nowMs).toISOString().slice(0, 10) ? time : `${iso.slice(0, 10)} ${time}`;
}
