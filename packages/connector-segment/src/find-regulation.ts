import { type CallOptions, ConnectorError, notCalled } from '@expunge/core';
import { parseResponse } from '@expunge/http-client';
import { type SegmentCall, vendor } from './segment-call.ts';
import { regulationError } from './segment-error.ts';
import type { SegmentRegulationSettings } from './segment-options.ts';
import {
  buildListRegulations,
  type ListedRegulation,
  regulationListSchema,
  subjectTypeOf,
} from './segment-regulation-api.ts';

// A regulation lists all its ids, up to 4 MB of them, so pages are small and may still be large in bytes.
const pageSize = 100;
// The list of a source has no next page, so the first one is as long as Segment makes it. The ids of 90 days stay far
// below the largest answer: 110,000 a month are allowed.
const sourcePageSize = 1_000;
const maxPages = 100;
const maxPageBytes = 64 * 1024 * 1024;
const maxPageValues = 2_000_000;

// `since` is the caller's clock and `createdAt` is Segment's. A regulation for exactly these people from a few minutes
// earlier does the same, so a little tolerance does no harm, while missing ours would spend quota twice.
const clockToleranceMs = 5 * 60_000;

/**
 * Looks for a regulation of the configured type for exactly these ids, made at `since` or later.
 *
 * @returns Its id. Undefined where the whole list was read and holds none.
 * @throws ConnectorError `response-unexpected` where the list could not be read to its end: a source with 1,000
 * regulations or more in 90 days, say. A repeat does not help soon, so the caller has to stop asking at some time.
 */
export async function findRegulation(
  settings: SegmentRegulationSettings,
  call: SegmentCall,
  wanted: { readonly subjectIds: readonly string[]; readonly since: string },
  callOptions?: CallOptions,
): Promise<string | undefined> {
  const subjectIds = new Set(wanted.subjectIds);
  const notBefore = Date.parse(wanted.since) - clockToleranceMs;
  if (Number.isNaN(notBefore)) throw notCalled(vendor, 'request-rejected', '`since` is no time.');
  for await (const regulation of listRegulations(settings, call, callOptions)) {
    if (Date.parse(regulation.createdAt) >= notBefore && isSameSet(subjectIds, regulation.subjects))
      return regulation.id;
  }
  return undefined;
}

const openStatuses: readonly (string | null | undefined)[] = ['INITIALIZED', 'RUNNING'];

/**
 * Looks for regulations of the configured type that Segment still works on, whoever made them.
 *
 * @returns The regulation of each id that is in one.
 */
export async function findOpenRegulations(
  settings: SegmentRegulationSettings,
  call: SegmentCall,
  subjectIds: readonly string[],
  callOptions?: CallOptions,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  const wanted = new Set(subjectIds);
  for await (const { id, status, subjects } of listRegulations(settings, call, callOptions)) {
    if (!openStatuses.includes(status)) continue;
    for (const subject of subjects) if (wanted.has(subject)) found.set(subject, id);
    if (found.size === wanted.size) break;
  }
  return found;
}

/** The regulations of the configured type and kind of subject, page by page. Throws where the end can't be read. */
async function* listRegulations(
  settings: SegmentRegulationSettings,
  call: SegmentCall,
  callOptions: CallOptions | undefined,
): AsyncGenerator<ListedRegulation> {
  const count = settings.scope.type === 'source' ? sourcePageSize : pageSize;
  let cursor: string | undefined;
  for (let page = 0; page < maxPages; page += 1) {
    const response = await call(buildListRegulations(settings, { count, cursor }), callOptions, maxPageBytes);
    if (response.status !== 200) throw regulationError(response, { isCreate: false });
    const reading = { vendor, what: 'the list of regulations', maxValues: maxPageValues };
    const list = parseResponse(response, regulationListSchema, reading).data;
    for (const regulation of list.regulations) {
      const isMeant =
        regulation.regulationType === settings.regulationType && regulation.subjectType === subjectTypeOf(settings);
      if (isMeant) yield regulation;
    }
    const next = list.pagination?.next;
    // The list of a source has no pagination: a full page may be the end or not.
    const isEnd = list.pagination ? !next : list.regulations.length < count;
    if (isEnd) return;
    if (!next || next === cursor) break;
    cursor = next;
  }
  throw new ConnectorError({
    code: 'response-unexpected',
    vendor,
    message:
      'The list of regulations could not be read to its end, and the part that was read does not hold the regulation: ' +
      'whether it exists is open.',
  });
}

function isSameSet(wanted: ReadonlySet<string>, subjects: readonly string[]): boolean {
  const found = new Set(subjects);
  return found.size === wanted.size && [...wanted].every((id) => found.has(id));
}
