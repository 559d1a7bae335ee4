import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { isControlPath, respondToControl } from './control-endpoints.ts';
import { createFaultList, type Fault, type FaultList } from './fault-list.ts';
import { isLoopback } from './loopback.ts';
import { readBody } from './read-body.ts';
import { createRequestLog, type RecordedRequest, type RequestCount } from './request-log.ts';
import type { SandboxClock } from './sandbox-clock.ts';
import { htmlPage, sendReply, toWireReply, type WireReply } from './send-reply.ts';
import type { VendorHandler, VendorReply, VendorRequest } from './vendor-exchange.ts';
import type { VendorMemory } from './vendor-memory.ts';

export interface VendorServerOptions {
  /** The vendor's name, for messages. */
  name: string;
  clock: SandboxClock;
  handle: VendorHandler;
  /** Makes the memory reachable from other processes, under `/_sandbox/`. */
  memory?: VendorMemory;
  /** A loopback address, `127.0.0.1` unless told. */
  host?: string;
  /** A free one unless told. */
  port?: number;
  /** Real milliseconds between acting and answering, so that calls overlap; 0 unless told. */
  latencyMs?: number;
  /** The largest body taken, 16 MiB unless told; a larger one is answered with 413. */
  maxBodyBytes?: number;
  /** How many requests the log keeps at least, 20,000 unless told. Counts cover all of them. */
  keptRequests?: number;
  /** The name under which a path is counted; the path itself unless told. */
  routeOf?: (path: string) => string;
}

export interface VendorServer {
  /** Such as `http://127.0.0.1:4701`, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** The newest requests, oldest first; the control endpoints' own are not among them. */
  readonly requests: readonly RecordedRequest[];
  readonly faults: FaultList;
  requestCounts(): RequestCount[];
  clearRequests(): void;
  /** Ends all connections at once, also those that hang. */
  close(): Promise<void>;
}

/** A fake vendor on a real port: records every request, applies faults, and lets `handle` answer. */
export async function createVendorServer(options: VendorServerOptions): Promise<VendorServer> {
  const { name, clock, handle, host = '127.0.0.1', latencyMs = 0, maxBodyBytes = 16_777_216 } = options;
  if (!isLoopback(host)) throw new Error(`The ${name} sandbox listens on a loopback address only, such as 127.0.0.1.`);
  const faults = createFaultList();
  const log = createRequestLog({ kept: options.keptRequests ?? 20_000, routeOf: options.routeOf ?? ((path) => path) });

  async function respond(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path = '/', query = ''] = splitTarget(message.url ?? '/');
    if (isControlPath(path)) {
      await respondToControl({ message, response, path, query, clock, faults, log, memory: options.memory });
      return;
    }
    const body = await readBody(message, maxBodyBytes);
    const request = createRequest({ message, response, path, query, body: body ?? '', at: clock.now() });
    const record = recordOf(request, query);
    log.record(record);
    response.once('close', () => log.count(record));

    const fault = body === undefined ? undefined : faults.take(request);
    record.fault = fault?.type;
    const reply = body === undefined ? payloadTooLarge : answer(fault, request, record);
    if (reply === 'reset') message.socket.resetAndDestroy();
    if (reply === 'reset' || reply === 'hang') return;

    if (latencyMs > 0) await waitUnlessClosed(response, latencyMs);
    if (response.destroyed) return;
    record.answeredAt = clock.now();
    record.status = reply.status;
    record.answer = { headers: reply.headers, body: reply.body.toString() };
    sendReply(response, reply, fault);
  }

  function answer(fault: Fault | undefined, request: VendorRequest, record: RecordedRequest) {
    const act = (): WireReply => {
      const { act: change, ...reply } = handleSafely(request);
      if (change !== undefined && fault?.type !== 'lie') {
        change();
        record.acted = true;
      }
      return toWireReply(reply);
    };
    switch (fault?.type) {
      case 'reset-before':
        return 'reset';
      case 'reset-after':
        act();
        return 'reset';
      case 'hang-before':
        return 'hang';
      case 'hang-after':
        act();
        return 'hang';
      case 'status':
        if (fault.acted === true) act();
        return toWireReply(fault);
      case 'html':
        if (fault.acted === true) act();
        return htmlPage;
      default:
        return act();
    }
  }

  function handleSafely(request: VendorRequest): VendorReply {
    try {
      return handle(request);
    } catch (error) {
      return { status: 500, body: `The ${name} sandbox has a bug: ${error instanceof Error ? error.stack : error}` };
    }
  }

  const server = createServer((message, response) => {
    // Only a client that goes away while its request is read can make this fail; there is nobody left to answer.
    respond(message, response).catch(() => message.socket.destroy());
  });
  // Longer than clients keep idle connections, so that the sandbox never closes one that is being reused.
  server.keepAliveTimeout = 60_000;
  const port = await listen(server, name, host, options.port ?? 0);

  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    requests: log.requests,
    faults,
    requestCounts: log.summary,
    clearRequests: log.clear,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const payloadTooLarge = toWireReply({ status: 413, body: 'Payload Too Large' });

function splitTarget(target: string): [string, string] {
  const mark = target.indexOf('?');
  return mark < 0 ? [target, ''] : [target.slice(0, mark), target.slice(mark + 1)];
}

/** A part that is no valid percent-encoding stays as it was sent. */
function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

interface RequestParts {
  message: IncomingMessage;
  response: ServerResponse;
  path: string;
  query: string;
  body: string;
  at: number;
}

function createRequest({ message, response, path, query, body, at }: RequestParts): VendorRequest {
  return {
    method: message.method ?? 'GET',
    path,
    segments: path.split('/').slice(1).map(decodeSegment),
    query: new URLSearchParams(query),
    headers: message.headers,
    body,
    at,
    json() {
      try {
        return JSON.parse(body);
      } catch {
        return undefined;
      }
    },
    onFinished(callback) {
      if (response.destroyed) callback();
      else response.once('close', callback);
    },
  };
}

function recordOf({ method, path, headers, body, at }: VendorRequest, query: string): RecordedRequest {
  return {
    method,
    path,
    query,
    headers,
    body,
    at,
    answeredAt: undefined,
    status: undefined,
    answer: undefined,
    acted: false,
    fault: undefined,
  };
}

function waitUnlessClosed(response: ServerResponse, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    response.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function listen(server: ReturnType<typeof createServer>, name: string, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const isTaken = 'code' in error && error.code === 'EADDRINUSE';
      const reason = isTaken ? `port ${port} is taken: choose another one` : error.message;
      reject(new Error(`The ${name} sandbox cannot listen on ${host}: ${reason}.`, { cause: error }));
    });
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}
