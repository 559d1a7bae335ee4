import type { CallOptions, Target } from '@expunge/core';
import { parseResponse } from '@expunge/http-client';
import { type SegmentCall, vendor } from './segment-call.ts';
import { regulationError } from './segment-error.ts';
import type { SegmentRegulationSettings } from './segment-options.ts';
import { buildListSuppressions, subjectTypeOf, suppressionListSchema } from './segment-regulation-api.ts';

const pageSize = 1_000;
const maxPages = 200;
const maxPageBytes = 64 * 1024 * 1024;

/**
 * Whether Segment's list of suppressed subjects holds a target. It tells that new data are dropped, never that old data
 * are deleted. `unknown`: the list is too long to be read to its end.
 */
export type SuppressionReading =
  | { readonly type: 'listed' }
  | { readonly type: 'not-listed' }
  | { readonly type: 'unknown' };

/** Reads `GET /suppressions` page by page, until every target was seen or the list ends. */
export async function readSuppressions(
  settings: SegmentRegulationSettings,
  call: SegmentCall,
  targets: readonly Target[],
  callOptions?: CallOptions,
): Promise<readonly SuppressionReading[]> {
  if (targets.length === 0) return [];
  const missing = new Set(targets.map((target) => target.value));
  const isEnd = await readPages(settings, call, missing, callOptions);
  return targets.map((target) => {
    if (!missing.has(target.value)) return { type: 'listed' };
    return { type: isEnd ? 'not-listed' : 'unknown' };
  });
}

/** Takes everybody who is listed out of `missing`. Says whether the list was read to its end. */
async function readPages(
  settings: SegmentRegulationSettings,
  call: SegmentCall,
  missing: Set<string>,
  callOptions: CallOptions | undefined,
): Promise<boolean> {
  let cursor: string | undefined;
  for (let page = 0; page < maxPages && missing.size > 0; page += 1) {
    const response = await call(
      buildListSuppressions(settings, { count: pageSize, cursor }),
      callOptions,
      maxPageBytes,
    );
    if (response.status !== 200) throw regulationError(response, { isCreate: false });
    const list = parseResponse(response, suppressionListSchema, { vendor, what: 'the list of suppressions' }).data;
    for (const entry of list.suppressed) {
      if (entry.subjectType !== subjectTypeOf(settings)) continue;
      for (const id of entry.subjectIds) missing.delete(id);
    }
    const next = list.pagination?.next;
    if (!next) return list.pagination !== null && list.pagination !== undefined;
    if (next === cursor) return false;
    cursor = next;
  }
  return false;
}
