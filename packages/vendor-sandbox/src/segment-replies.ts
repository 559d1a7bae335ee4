import type { VendorReply } from './kit/vendor-exchange.ts';
import { forwards, type SegmentRegulation, statusAt } from './segment-regulation.ts';

/** A Public API success: `data`, never `errors`. */
export function dataReply(data: unknown, headers: Record<string, string> = {}): VendorReply {
  return { status: 200, headers, body: { data } };
}

/** A Public API failure: `errors`, never `data`. */
export function errorReply(
  status: number,
  errors: readonly object[],
  headers: Record<string, string> = {},
): VendorReply {
  return { status, headers, body: { errors } };
}

/** A failure with one short reason. */
export function refusal(status: number, type: string, message: string): VendorReply {
  return errorReply(status, [{ type, message }]);
}

/** The documented 429: how long to wait stands in the body. */
export function tooManyRequests(waitMs: number, consumed: number, headers: Record<string, string> = {}): VendorReply {
  const data = { remainingPoints: 0, msBeforeNext: waitMs, consumedPoints: consumed };
  return errorReply(429, [{ type: 'RequestError', message: 'Too many requests', data }], headers);
}

/** A regulation as the detail call shows it. */
export function regulationDetail(regulation: SegmentRegulation, workspaceId: string, nowMs: number): object {
  return {
    id: regulation.id,
    workspaceId,
    overallStatus: statusAt(regulation, nowMs),
    createdAt: new Date(regulation.createdAtMs).toISOString(),
    ...finishedAt(regulation, nowMs),
    streamStatus: forwards(regulation.regulationType) ? streamStatus(regulation, nowMs) : [],
  };
}

/** A regulation as the lists show it. */
export function regulationSummary(regulation: SegmentRegulation, nowMs: number): object {
  return {
    id: regulation.id,
    subjectType: regulation.subjectType,
    subjects: regulation.subjectIds,
    status: statusAt(regulation, nowMs),
    createdAt: new Date(regulation.createdAtMs).toISOString(),
    regulationType: regulation.regulationType,
    ...finishedAt(regulation, nowMs),
  };
}

function finishedAt({ endsAtMs }: SegmentRegulation, nowMs: number): { finishedAt?: string } {
  return nowMs >= endsAtMs ? { finishedAt: new Date(endsAtMs).toISOString() } : {};
}

function streamStatus(regulation: SegmentRegulation, nowMs: number): object[] {
  const hasEnded = nowMs >= regulation.endsAtMs;
  return regulation.sources.map((source) => ({
    id: source.id,
    destinationStatus: source.destinations.map(({ id, name, ends }) => ({
      name,
      id,
      status: hasEnded ? ends : statusAt(regulation, nowMs),
      errString: hasEnded && ends !== 'FINISHED' ? 'The destination did not delete.' : '',
      ...finishedAt(regulation, nowMs),
    })),
  }));
}
