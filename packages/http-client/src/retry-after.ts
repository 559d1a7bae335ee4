import { z } from 'zod';
import { parseJson } from './parse-json.ts';
import type { HttpResponse } from './http-request.ts';

// Segment's 429 carries the wait in its body (docs/vendors/segment.md).
const bodyHintSchema = z.object({
  errors: z.array(z.object({ data: z.object({ msBeforeNext: z.number().nonnegative() }).nullish() })).min(1),
});

/**
 * How long a vendor asks to wait, in milliseconds from the reply.
 *
 * Read, in this order: `Retry-After` (seconds or an HTTP date), the body's `msBeforeNext`, `X-RateLimit-Reset` (seconds
 * from now, a Unix time in seconds or milliseconds, or a date). Where `X-RateLimit-Remaining` is 0 the reset counts even
 * if `msBeforeNext` is sooner: Segment's create calls report a spent monthly quota that way.
 * Dates are measured against the reply's own `Date`, so that a wrong clock here does no harm.
 *
 * @param now - Milliseconds since 1970, used where the reply has no `Date`.
 * @returns undefined where the vendor gave no hint that can be read.
 */
export function readRetryAfterMs(response: HttpResponse, now: () => number = Date.now): number | undefined {
  const { headers } = response;
  const repliedAt = parseDate(headers['date']) ?? now();
  const retryAfter = parseRetryAfter(headers['retry-after'], repliedAt);
  if (retryAfter !== undefined) return retryAfter;
  const inBody = msBeforeNext(response.text);
  const reset = parseReset(headers['x-ratelimit-reset'], repliedAt);
  if (headers['x-ratelimit-remaining']?.trim() === '0' && reset !== undefined) return Math.max(reset, inBody ?? 0);
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

function parseDate(value: string | undefined): number | undefined {
  // A bare number is not a date here, though Date.parse would take it for a year.
  if (value === undefined || !/[a-z-]/i.test(value)) return undefined;
  const time = Date.parse(value);
  return Number.isNaN(time) ? undefined : time;
}

function msBeforeNext(text: string): number | undefined {
  if (!text.includes('msBeforeNext')) return undefined;
  try {
    const hint = bodyHintSchema.safeParse(parseJson(text));
    return hint.success ? (hint.data.errors[0]?.data?.msBeforeNext ?? undefined) : undefined;
  } catch {
    return undefined;
  }
}
