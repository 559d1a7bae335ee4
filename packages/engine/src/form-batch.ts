import type { BatchLimit, Target } from '@expunge/core';

/** How many bytes a target adds to a call's body. */
export function targetBytes(target: Target, limit: BatchLimit): number {
  return Buffer.byteLength(JSON.stringify(target.value)) + (limit.bytesPerTarget ?? 0);
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
