import type { BatchLimit, Target } from '@expunge/core';

/** How many bytes a target adds to a call's body. */
export function targetBytes(target: Target, limit: BatchLimit): number {
  return Buffer.byteLength(JSON.stringify(target.value)) + (limit.bytesPerTarget ?? 0);
}

/** How many calls begin together at the most: what they carry is in memory at once. */
export function callsAtOnce(limit: BatchLimit): number {
  return Math.max(1, Math.min(64, Math.floor(4096 / limit.maxTargets)));
}

/**
 * Forms calls of the items that are due, each as full as may be.
 *
 * @param isAll - Whether nothing else is due: otherwise a last call that is not full waits for its neighbours.
 */
export function formCalls<Item extends { readonly target: Target }>(
  items: readonly Item[],
  limit: BatchLimit,
  isAll: boolean,
): readonly (readonly Item[])[] {
  const calls: (readonly Item[])[] = [];
  for (let next = 0; next < items.length; ) {
    const left = items.slice(next, next + limit.maxTargets);
    const fitting = fitIntoCall(left, limit);
    const hasCapacity = fitting === left.length && fitting < limit.maxTargets;
    if (hasCapacity && !isAll && calls.length > 0) break;
    calls.push(left.slice(0, fitting));
    next += fitting;
  }
  return calls;
}

/**
 * How many of the first items fit into one call: by number, by bytes, and by type where a call takes one type only.
 * At least 1 where there is one: a target that is too large by itself is the vendor's to refuse.
 */
export function fitIntoCall<Item extends { readonly target: Target }>(
  items: readonly Item[],
  limit: BatchLimit,
): number {
  const first = items[0];
  if (first === undefined) return 0;
  let bytes = limit.bytesPerCall ?? 0;
  let fitting = 0;
  for (const item of items) {
    if (fitting === limit.maxTargets) break;
    if (limit.oneTypePerCall === true && item.target.type !== first.target.type) break;
    bytes += targetBytes(item.target, limit);
    if (fitting > 0 && limit.maxBytes !== undefined && bytes > limit.maxBytes) break;
    fitting += 1;
  }
  return fitting;
}
