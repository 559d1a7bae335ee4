import { z } from 'zod';
import type { HttpResponse } from './http-request.ts';
import { parseJson } from './parse-json.ts';

// Segment's 429 carries the wait in its body (docs/vendors/segment.md).
const bodyHintSchema = z.object({
  // Only the first is read, however many there are.
  errors: z
    .tuple([z.object({ data: z.object({ msBeforeNext: z.number().nonnegative() }).nullish() })])
    .rest(z.unknown()),
});

/** Nobody asks to wait longer than a year: such a number was meant otherwise. */
const longestWaitMs = 366 * 24 * 3_600_000;

/**
 * How long a vendor asks to wait, in milliseconds from the reply.
 *
 * Read, in this order: `Retry-After` (seconds or an HTTP date), the body's `msBeforeNext`, `X-RateLimit-Reset` (seconds
 * from now, a Unix time in seconds or milliseconds, or a date). `X-RateLimit-Remaining` tells whether the reset is what
 * we wait for: at 0 it counts even if `msBeforeNext` is sooner, above 0 it does not count. Segment's create calls report
 * the quota of the month that way, next to an ordinary limit per minute.
 * Dates are measured against the reply's own `Date`, so that a wrong clock here does no harm.
 *
 * @param now - Milliseconds since 1970, used where the reply has no `Date`.
 * @returns undefined where the vendor gave no hint that can be read.
 */
export function readRetryAfterMs(response: HttpResponse, now: () => number = Date.now): number | undefined {
  const waitMs = hintedWaitMs(response, now);
  return waitMs !== undefined && waitMs <= longestWaitMs ? waitMs : undefined;
}

function hintedWaitMs(response: HttpResponse, now: () => number): number | undefined {
  const { headers } = response;
  const repliedAt = parseDate(headers.date) ?? now();
  const retryAfter = parseRetryAfter(headers['retry-after'], repliedAt);
  if (retryAfter !== undefined) return retryAfter;
  const inBody = msBeforeNext(response.text);
  const remaining = headers['x-ratelimit-remaining']?.trim();
  if (remaining !== undefined && Number(remaining) > 0) return inBody;
  const reset = parseReset(headers['x-ratelimit-reset'], repliedAt);
  if (remaining === '0' && reset !== undefined) return Math.max(reset, inBody ?? 0);
  return inBody ?? reset;
}

function parseRetryAfter(value: string | undefined, repliedAt: number): number | undefined {
  if (value === undefined) return undefined;
  const text = value.trim();
  if (/^\d+(\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1000);
  const date = parseDate(text);
  return date === undefined ? undefined : Math.max(0, date - repliedAt);
}

function parseReset(value: string | undefined, repliedAt: number): number | undefined {
  if (value === undefined) return undefined;
  const text = value.trim();
  if (!/^\d+(\.\d+)?$/.test(text)) {
    const date = parseDate(text);
    return date === undefined ? undefined : Math.max(0, date - repliedAt);
  }
  const number = Number(text);
  // Ten years in seconds is far beyond any wait and far before any Unix time of today: the size tells which it is.
  if (number < 315_360_000) return Math.ceil(number * 1000);
  const at = number < 1e11 ? number * 1000 : number;
  return Math.max(0, Math.ceil(at - repliedAt));
}

const httpDate = /^[A-Z][a-z]{2,8}, .* GMT$/;
const asctimeDate = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}$/;
const isoDate = /^\d{4}-\d\d-\d\d(T.*(Z|[+-]\d\d:?\d\d))?$/;

// Date.parse alone would find a date in almost any text, and would read one without a zone as local time.
function parseDate(value: string | undefined): number | undefined {
  const text = value?.trim() ?? '';
  const zoned = asctimeDate.test(text) ? `${text} GMT` : text;
  const isDate = zoned !== text || httpDate.test(text) || isoDate.test(text);
  const time = isDate ? Date.parse(zoned) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}

function msBeforeNext(text: string): number | undefined {
  if (!text.includes('msBeforeNext')) return undefined;
  try {
    const hint = bodyHintSchema.safeParse(parseJson(text));
    const waitMs = hint.data?.errors[0]?.data?.msBeforeNext;
    return typeof waitMs === 'number' ? Math.ceil(waitMs) : undefined;
  } catch {
    return undefined;
  }
}
