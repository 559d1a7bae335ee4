import type { Ledger, PlannedRequest } from '../ledger/ledger.ts';
import type { ConfiguredConnector } from './configured-connector.ts';
import type { AcceptReport, IncomingRequest, RequestConflict } from './engine.ts';
import { createRequestPlanner } from './plan-request.ts';
import { type AllowedValue, allowedValues } from './suspicious-values.ts';
import { RequestError, requestIssues } from './validate-request.ts';

/** Requests that go into the ledger in one commit. */
const chunkSize = 2000;

// Where a ledger does not say.
const unknownDifference = { who: 'unknown', more: 0, fewer: 0 } as const;

/** Imports requests into the ledger with their planned tasks, in a stream. */
export async function acceptRequests(
  ledger: Ledger,
  connectors: readonly ConfiguredConnector[],
  requests: Iterable<IncomingRequest> | AsyncIterable<IncomingRequest>,
  options: {
    readonly batch: string | undefined;
    readonly waitMs: number | undefined;
    readonly source: string | undefined;
    readonly actor: string;
    readonly allowValues: readonly AllowedValue[] | undefined;
    readonly now: () => number;
  },
): Promise<AcceptReport> {
  const { batch, source, actor, now } = options;
  const isAllowed = allowedValues(options.allowValues);
  const plan = createRequestPlanner(ledger, connectors, { batch, waitMs: options.waitMs ?? 0 });
  // What is here already goes in with one commit. Of anything longer the beginning is known before the first request is read.
  const isShort = Array.isArray(requests) && requests.length <= chunkSize;
  const begun = isShort ? undefined : await ledger.importRequests([], { isEnd: false, source, actor }, now());
  const report = {
    importId: begun?.importId ?? 0,
    accepted: 0,
    known: 0,
    knownSettled: 0,
    notSentAgain: 0,
    otherDueDates: 0,
    conflicts: [] as RequestConflict[],
  };
  let chunk: PlannedRequest[] = [];
  let index = 0;

  const commit = async (isEnd: boolean) => {
    const first = index - chunk.length;
    const importId = report.importId === 0 ? undefined : report.importId;
    const { importId: number, results } = await ledger.importRequests(chunk, { importId, isEnd, source, actor }, now());
    report.importId = number;
    for (const [position, result] of results.entries()) {
      if (result.type === 'added') report.accepted += 1;
      if (result.type === 'known') report.known += 1;
      if (result.isSettled) report.knownSettled += 1;
      if (result.isNotSentAgain) report.notSentAgain += 1;
      if (result.hasOtherDueDate) report.otherDueDates += 1;
      const requestId = chunk[position]?.request.id;
      if (result.type === 'conflict' && requestId !== undefined) {
        report.conflicts.push({ index: first + position, requestId, ...(result.difference ?? unknownDifference) });
      }
    }
    chunk = [];
  };

  for await (const request of requests) {
    const issues = requestIssues(request, isAllowed);
    if (issues.length > 0) {
      await commit(false);
      throw new RequestError(index, issues);
    }
    chunk.push(plan(request, now()));
    index += 1;
    if (chunk.length === chunkSize) await commit(false);
  }
  await commit(true);
  return report;
}
