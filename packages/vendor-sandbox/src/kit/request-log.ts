import type { IncomingHttpHeaders } from 'node:http';
import type { FaultType } from './fault-list.ts';

/** One request as the vendor saw it, and what became of it. */
export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  /** The query as sent, without the question mark. */
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The vendor's time of arrival, in milliseconds since 1970. */
  readonly at: number;
  /** The vendor's time of the answer; `undefined` while unanswered and for ever when no answer was sent. */
  answeredAt: number | undefined;
  /** The status sent; `undefined` while unanswered and for ever when no answer was sent. */
  status: number | undefined;
  /** What was sent; `undefined` where no answer was. A test can send it again, in answer to another question. */
  answer: { readonly headers: Readonly<Record<string, string>>; readonly body: string } | undefined;
  /** Whether the vendor changed its memory because of this request. Always false for reads. */
  acted: boolean;
  /** The fault that hit the request. */
  fault: FaultType | undefined;
}

/** How often a route was answered in which way; `status` is 0 where no answer was sent. */
export interface RequestCount {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly count: number;
}

export interface RequestLog {
  /** The newest requests, oldest first. */
  readonly requests: readonly RecordedRequest[];
  record(request: RecordedRequest): void;
  /** Counts a finished request. */
  count(request: RecordedRequest): void;
  /** Counts of all finished requests, also of those no longer kept. */
  summary(): RequestCount[];
  clear(): void;
}

export interface RequestLogOptions {
  /** How many requests to keep at least, as long as their bodies are not too large together; older ones are dropped. */
  kept: number;
  /** How many characters of bodies to keep at most (twice as many before the next dropping), 64 Mi unless told. */
  keptBodyLength?: number;
  /** The name under which a path is counted, so that ids in paths do not each get a line. */
  routeOf: (path: string) => string;
}

const maxCountedRoutes = 1000;

export function createRequestLog({ kept, keptBodyLength = 67_108_864, routeOf }: RequestLogOptions): RequestLog {
  const requests: RecordedRequest[] = [];
  let bodyLength = 0;
  const counts = new Map<string, { method: string; route: string; status: number; count: number }>();
  return {
    requests,
    record(request) {
      requests.push(request);
      bodyLength += request.body.length;
      // Dropped in one go, since taking one from the front moves all the others.
      if (requests.length <= 2 * kept && bodyLength <= 2 * keptBodyLength) return;
      let dropped = 0;
      while (dropped < requests.length - 1 && (requests.length - dropped > kept || bodyLength > keptBodyLength)) {
        bodyLength -= lengthOf(requests[dropped]);
        dropped += 1;
      }
      requests.splice(0, dropped);
      // Counted anew: some of the dropped ones may still be answered.
      bodyLength = requests.reduce((sum, kept) => sum + lengthOf(kept), 0);
    },
    count({ method, path, status = 0, answer }) {
      bodyLength += answer?.body.length ?? 0;
      const route = counts.size < maxCountedRoutes ? routeOf(path) : '(other)';
      const key = `${method} ${route} ${status}`;
      const entry = counts.get(key) ?? { method, route, status, count: 0 };
      entry.count += 1;
      counts.set(key, entry);
    },
    summary: () => [...counts.values()].map((entry) => ({ ...entry })),
    clear() {
      requests.length = 0;
      bodyLength = 0;
      counts.clear();
    },
  };
}

function lengthOf(request: RecordedRequest | undefined): number {
  return (request?.body.length ?? 0) + (request?.answer?.body.length ?? 0);
}
