/** How times are written in a list. */
export interface TimeRules {
  /** What comes first in `03/04/2026`. Left out: such a date is refused unless one of its numbers can only be a day. */
  readonly dates?: 'day-first' | 'month-first' | undefined;
  /** The time zone of days, and of times that name none: `Europe/Berlin`. Default: days are in UTC, and a time has to name its offset. */
  readonly timezone?: string | undefined;
}

/** A time, or why it is none: an unknown form, two possible orders of day and month, or no time zone. */
export type ParsedTime = { readonly time: string } | { readonly fault: 'form' | 'order' | 'zone' };

const dayForm = /^(\d{4})-(\d{2})-(\d{2})$/;
const localForm = /^(\d{4})-(\d{2})-(\d{2})[ T](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?$/;
const dottedForm = /^(\d{1,2})\.(\d{1,2})\.(\d{4})$/;
const slashedForm = /^(\d{1,2})([/-])(\d{1,2})\2(\d{4})$/;

/**
 * Reads a time of a list. A day means its beginning: early rather than late where a deadline hangs on it.
 *
 * @returns The time in ISO 8601 with its offset.
 */
export function parseTime(text: string, rules: TimeRules = {}): ParsedTime {
  const day = dayForm.exec(text);
  if (day !== null) return startOfDay(Number(day[1]), Number(day[2]), Number(day[3]), rules);
  const local = localForm.exec(text);
  if (local !== null) {
    if (rules.timezone === undefined) return { fault: 'zone' };
    const [year = 0, month = 0, date = 0, hour = 0, minute = 0, second = 0] = local
      .slice(1)
      .map((part) => Number(part ?? 0));
    return inZone({ year, month, date, hour, minute, second }, rules.timezone);
  }
  // Dots stand between day, month and year in this order wherever they are used.
  const dotted = dottedForm.exec(text);
  if (dotted !== null) return startOfDay(Number(dotted[3]), Number(dotted[2]), Number(dotted[1]), rules);
  const slashed = slashedForm.exec(text);
  if (slashed !== null) {
    const [first, second, year] = [Number(slashed[1]), Number(slashed[3]), Number(slashed[4])];
    const order = rules.dates ?? (first > 12 ? 'day-first' : second > 12 ? 'month-first' : undefined);
    if (order === undefined) return { fault: 'order' };
    return order === 'day-first' ? startOfDay(year, second, first, rules) : startOfDay(year, first, second, rules);
  }
  // A full time with its offset. Whether it is one, the request's own check says.
  return { time: text.replace(/^(\d{4}-\d{2}-\d{2}) (?=\d{2}:\d{2})/, '$1T') };
}

interface LocalTime {
  readonly year: number;
  readonly month: number;
  readonly date: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

function startOfDay(year: number, month: number, date: number, { timezone = 'UTC' }: TimeRules): ParsedTime {
  return inZone({ year, month, date, hour: 0, minute: 0, second: 0 }, timezone);
}

function inZone(local: LocalTime, timezone: string): ParsedTime {
  const { year, month, date, hour, minute, second } = local;
  const asUtc = Date.UTC(year, month - 1, date, hour, minute, second);
  // The 31st of February is no day.
  const isDay = new Date(asUtc).getUTCMonth() === month - 1 && new Date(asUtc).getUTCDate() === date && hour < 24;
  if (!isDay || minute > 59 || second > 59) return { fault: 'form' };
  // The offset at that moment; asked twice, since it may change in between.
  const guess = asUtc - offsetMs(asUtc, timezone);
  const time = asUtc - offsetMs(guess, timezone);
  return { time: new Date(time).toISOString().replace('.000Z', 'Z') };
}

const formats = new Map<string, Intl.DateTimeFormat>();

function offsetMs(at: number, timezone: string): number {
  if (timezone === 'UTC') return 0;
  const format =
    formats.get(timezone) ??
    new Intl.DateTimeFormat('en-US', {
      timeZone: timezone,
      hourCycle: 'h23',
      ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' },
    });
  formats.set(timezone, format);
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
  const local = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return local - at;
}
