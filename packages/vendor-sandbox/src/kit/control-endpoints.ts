import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FaultList } from './fault-list.ts';
import { parseFaultRule } from './parse-fault-rule.ts';
import { readBody } from './read-body.ts';
import type { RequestLog } from './request-log.ts';
import type { SandboxClock } from './sandbox-clock.ts';
import { sendReply, toWireReply } from './send-reply.ts';
import { asRecord, type VendorReply } from './vendor-exchange.ts';
import type { VendorMemory } from './vendor-memory.ts';

const prefix = '/_sandbox/';
const maxBodyBytes = 268_435_456;

export interface ControlContext {
  message: IncomingMessage;
  response: ServerResponse;
  path: string;
  query: string;
  clock: SandboxClock;
  faults: FaultList;
  log: RequestLog;
  memory: VendorMemory | undefined;
}

export function isControlPath(path: string): boolean {
  return path.startsWith(prefix);
}

/** Steers the sandbox from another process. These requests are neither recorded nor hit by faults. */
export async function respondToControl(context: ControlContext): Promise<void> {
  const body = await readBody(context.message, maxBodyBytes);
  sendReply(context.response, toWireReply(body === undefined ? tooLarge : safely(context, body)), undefined);
}

const tooLarge: VendorReply = { status: 413, body: { error: 'The body is too large: send it in parts.' } };

function safely(context: ControlContext, body: string): VendorReply {
  try {
    return control(context, body);
  } catch (error) {
    return { status: 400, body: { error: error instanceof Error ? error.message : `${error}` } };
  }
}

function control({ message, path, query, clock, faults, log, memory }: ControlContext, body: string): VendorReply {
  switch (`${message.method} ${path.slice(prefix.length)}`) {
    case 'POST people':
      if (memory === undefined) return noMemory;
      return { status: 200, body: { seeded: memory.seed(parsePeople(body)) } };
    case 'POST lookup':
      if (memory === undefined) return noMemory;
      return { status: 200, body: { results: memory.lookup(parseIds(body)) } };
    case 'GET count':
      if (memory === undefined) return noMemory;
      return { status: 200, body: memory.count() };
    case 'POST faults':
      faults.add(parseFaultRule(JSON.parse(body)));
      return { status: 200, body: { remaining: faults.remaining } };
    case 'DELETE faults':
      faults.clear();
      return { status: 200, body: { remaining: 0 } };
    case 'POST advance':
      clock.advance(parseMilliseconds(body));
      return { status: 200, body: { now: clock.now() } };
    case 'GET requests':
      return {
        status: 200,
        body: new URLSearchParams(query).has('summary')
          ? { counts: log.summary() }
          : { requests: log.requests.map(({ answer: _answer, ...request }) => request) },
      };
    case 'DELETE requests':
      log.clear();
      return { status: 200, body: { requests: [] } };
    default:
      return { status: 404, body: { error: `There is no ${message.method} under this control path.` } };
  }
}

const noMemory: VendorReply = { status: 404, body: { error: 'This sandbox offers no memory to other processes.' } };

/** A JSON array, or JSON Lines. */
function parsePeople(body: string): unknown[] {
  if (body.trimStart().startsWith('[')) {
    const people: unknown = JSON.parse(body);
    return Array.isArray(people) ? people : [];
  }
  return body
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line): unknown => JSON.parse(line));
}

function parseIds(body: string): string[] {
  const ids = asRecord(JSON.parse(body))?.ids;
  if (!Array.isArray(ids)) throw new Error('Expected {"ids": ["..."]}.');
  return ids.map((id) => `${id}`);
}

function parseMilliseconds(body: string): number {
  const ms = asRecord(JSON.parse(body))?.ms;
  if (typeof ms !== 'number') throw new Error('Expected {"ms": number}.');
  return ms;
}
