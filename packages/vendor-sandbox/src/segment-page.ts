import type { SegmentInputError } from './segment-order.ts';
import { fault } from './segment-order.ts';

/** One page of a list, with Segment's `pagination` object. */
export interface SegmentPage<Item> {
  readonly items: readonly Item[];
  readonly pagination: { current: string; next?: string; previous?: string; totalEntries: number };
}

/** Cuts the page out of a list that `pagination[count]` and `pagination[cursor]` ask for, or says what is wrong with them. */
export function pageOf<Item>(
  items: readonly Item[],
  query: URLSearchParams,
): SegmentPage<Item> | { readonly errors: readonly SegmentInputError[] } {
  const countText = query.get('pagination[count]');
  const count = Number(countText);
  if (countText === null) return { errors: [fault('pagination', 'is required')] };
  if (!Number.isInteger(count) || count < 1 || count > 1000) {
    return { errors: [fault('pagination.count', 'must be a whole number from 1 to 1000')] };
  }
  const start = positionOf(query.get('pagination[cursor]'));
  if (start === undefined) return { errors: [fault('pagination.cursor', 'is not a cursor of this list')] };
  return {
    items: items.slice(start, start + count),
    pagination: {
      current: cursorAt(start),
      ...(start + count < items.length ? { next: cursorAt(start + count) } : {}),
      ...(start > 0 ? { previous: cursorAt(Math.max(0, start - count)) } : {}),
      totalEntries: items.length,
    },
  };
}

/** An opaque cursor, in characters that have to be percent-encoded in a query. */
export function cursorAt(position: number): string {
  return Buffer.from(`position:${position}+`).toString('base64');
}

/** Where a cursor points to; 0 without one, undefined for one that is not ours. */
export function positionOf(cursor: string | null): number | undefined {
  if (cursor === null || cursor === '') return 0;
  const text = /^position:(\d{1,9})\+$/.exec(Buffer.from(cursor, 'base64').toString('utf8'))?.[1];
  return text === undefined ? undefined : Number(text);
}
