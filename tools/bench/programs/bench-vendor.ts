import { writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { judgeCalls } from '../judge-calls.ts';
import { type DeletionName, deletionOf } from '../vendor-calls.ts';

// The vendor of the throughput benchmarks, in a process of its own. It takes a call, keeps it as it is, and says yes; what
// it was asked to delete is read only after the measurement, so that as little as possible of its own work is measured.
// The faithful vendors, with limits and memory, are those of packages/vendor-sandbox.

interface KeptCall {
  readonly method: string;
  readonly path: string;
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  readonly deletion: DeletionName | undefined;
}

let kept: KeptCall[] = [];
let latencyMs = 0;
let isRefusing = false;
let tasks = 0;
let cpuAtReset = process.cpuUsage();
let firstCallAt: number | undefined;

function answer(call: KeptCall): string {
  switch (call.deletion) {
    case 'mixpanel-gdpr':
      tasks += 1;
      return `{"status":"ok","results":{"task_id":"${tasks}"}}`;
    case 'mixpanel-profile':
      return '{"status":1,"error":null}';
    case 'clevertap':
      return '{"status":"success"}';
    case 'altcraft':
      return '{"error":0,"error_text":"Successful operation","data":{"profile_id":"5a1b2c3d4e5f60718293a4b5"}}';
    case 'segment-regulation':
      tasks += 1;
      return `{"data":{"regulateId":"reg_${tasks}"}}`;
    case 'segment-identifier':
      return '{"code":"success"}';
    case undefined:
      break;
  }
  if (call.path.startsWith('/api/app/data-deletions/')) return '{"status":"ok","results":{"status":"SUCCESS"}}';
  const id = call.path.slice('/regulations/'.length);
  return `{"data":{"regulation":{"id":"${id}","overallStatus":"FINISHED","streamStatus":[]}}}`;
}

function control(path: string, body: string): unknown {
  const given: Record<string, unknown> = body === '' ? {} : JSON.parse(body);
  switch (path) {
    case '/_bench/reset':
      kept = [];
      tasks = 0;
      latencyMs = Number(given.latencyMs ?? 0);
      isRefusing = given.isRefusing === true;
      cpuAtReset = process.cpuUsage();
      firstCallAt = undefined;
      return {};
    case '/_bench/usage': {
      const { user, system } = process.cpuUsage(cpuAtReset);
      return { calls: kept.length, cpuMs: (user + system) / 1000, firstCallAt };
    }
    case '/_bench/judge':
      return judgeCalls(
        kept.flatMap(({ deletion, body: text }) => (deletion === undefined ? [] : [{ deletion, body: `${text}` }])),
        Number(given.people),
      );
    case '/_bench/calls':
      writeFileSync(
        String(given.path),
        kept.map(({ body: text, deletion, ...call }) => JSON.stringify({ ...call, body: `${text}` })).join('\n'),
      );
      return { calls: kept.length };
    default:
      throw new Error(`The bench vendor knows no ${path}.`);
  }
}

function reply(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

function handle(message: IncomingMessage, response: ServerResponse): void {
  const { method = 'GET', url: path = '/', rawHeaders } = message;
  const chunks: Buffer[] = [];
  message.on('data', (chunk: Buffer) => chunks.push(chunk));
  message.on('end', () => {
    const body = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
    if (path.startsWith('/_bench/')) {
      reply(response, 200, JSON.stringify(control(path, body.toString())));
      return;
    }
    firstCallAt ??= Date.now();
    if (isRefusing) {
      reply(response, 401, '{"status":"error","error":"refused"}');
      return;
    }
    const call = { method, path, rawHeaders, body, deletion: deletionOf(method, path) };
    kept.push(call);
    const text = answer(call);
    if (latencyMs === 0) reply(response, 200, text);
    else setTimeout(() => reply(response, 200, text), latencyMs);
  });
}

const server = createServer({ keepAliveTimeout: 60_000 }, handle);
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
// Whoever started this holds the other end; when that is gone, so is the need for a vendor.
process.stdin.on('end', () => process.exit(0)).resume();
