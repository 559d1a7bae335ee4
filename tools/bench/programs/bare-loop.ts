import { readFileSync } from 'node:fs';
import { Agent, request } from 'undici';

// What the engine is compared with: the same calls, sent by undici as fast as it goes, by so many loops at a time, over
// connections that stay open. It keeps nothing, checks nothing and knows nothing. Reading the recorded calls is not timed.
//
//   node bare-loop.ts <recorded calls> <address> <calls in flight>

interface RecordedCall {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

const [, , callsPath = '', address = '', inFlight = '1'] = process.argv;

// These say how a message was carried, and undici writes them itself.
const ofTheConnection = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'keep-alive']);

const calls = readFileSync(callsPath, 'utf8')
  .split('\n')
  .map((line): RecordedCall => JSON.parse(line))
  .map(({ method, path, rawHeaders, body }) => {
    const headers: Record<string, string> = {};
    for (let index = 0; index < rawHeaders.length; index += 2) {
      const name = rawHeaders[index]?.toLowerCase() ?? '';
      if (!ofTheConnection.has(name)) headers[name] = rawHeaders[index + 1] ?? '';
    }
    return { url: `${address}${path}`, method, headers, body: method === 'GET' ? null : body };
  });

// The same as the HTTP client of this project has.
const dispatcher = new Agent({ pipelining: 1 });
const loops = Number(inFlight);
let next = 0;

async function send({ url, ...options }: (typeof calls)[number]): Promise<void> {
  const response = await request(url, { ...options, dispatcher });
  await response.body.text();
  if (response.statusCode !== 200) throw new Error(`The vendor answered ${response.statusCode}.`);
}

async function loop(): Promise<void> {
  for (let call = calls[next++]; call !== undefined; call = calls[next++]) await send(call);
}

// Connections are open before the clock starts, as they are in what the command's shortest run takes off its time.
const [first] = calls;
if (first !== undefined) await Promise.all(Array.from({ length: loops }, () => send(first)));

const startedAt = performance.now();
await Promise.all(Array.from({ length: loops }, loop));
const ms = performance.now() - startedAt;
process.stdout.write(JSON.stringify({ calls: calls.length, ms }));
await dispatcher.close();
