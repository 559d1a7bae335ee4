import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { createAltcraftConnector } from '@expunge/connector-altcraft';
import { createCleverTapConnector } from '@expunge/connector-clevertap';
import type { DeletionConnector } from '@expunge/core';
import { createEngine, type IncomingRequest, RequestError } from '@expunge/engine';
import { openSqliteLedger } from '@expunge/engine/sqlite';

// POST /deletions takes a person in; GET /deletions/<id> says how that stands. SIGTERM ends it in good order.
const setting = (name: string): string => {
  const value = process.env[name];
  if (value === undefined) throw new Error(`Set ${name} in the environment.`);
  return value;
};

const clevertap: DeletionConnector = createCleverTapConnector({
  baseUrl: setting('CLEVERTAP_URL'),
  accountId: setting('CLEVERTAP_ACCOUNT_ID'),
  passcode: setting('CLEVERTAP_PASSCODE'),
});
const altcraft: DeletionConnector = createAltcraftConnector({
  baseUrl: setting('ALTCRAFT_URL'),
  token: setting('ALTCRAFT_TOKEN'),
  databaseId: Number(setting('ALTCRAFT_DATABASE')),
});

const ledger = await openSqliteLedger({ path: setting('LEDGER') });
const engine = createEngine({
  ledger,
  connectors: [
    { name: 'clevertap', connector: clevertap },
    { name: 'altcraft', connector: altcraft, verify: 'after' },
  ],
  onEvent: (event) => process.stderr.write(`${JSON.stringify(event)}\n`),
});

const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());
let newcomer = new AbortController();

const server = createServer(async (request, response) => {
  const { status, body } = await answer(request);
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
});

async function answer(request: IncomingMessage): Promise<{ status: number; body: unknown }> {
  const id = /^\/deletions\/([^/]+)$/.exec(request.url ?? '')?.[1];
  if (request.method === 'GET' && id !== undefined) {
    const found = await ledger.request(decodeURIComponent(id));
    return found === undefined ? { status: 404, body: {} } : { status: 200, body: found };
  }
  if (request.method !== 'POST' || request.url !== '/deletions') return { status: 404, body: {} };
  try {
    // The engine checks what comes in, and says what is wrong with it.
    const report = await engine.accept([(await json(request)) as IncomingRequest]);
    newcomer.abort();
    return { status: 202, body: report };
  } catch (error) {
    if (error instanceof RequestError || error instanceof SyntaxError) {
      return { status: 400, body: { error: error.message } };
    }
    return { status: 500, body: { error: 'The request could not be taken in.' } };
  }
}

server.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
await once(server, 'listening');
const address = server.address();
const port = typeof address === 'object' ? address?.port : undefined;
process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${port}` })}\n`);

// One run at a time. Whoever comes in meanwhile is found by it or by the next one; receipts are asked about in time.
while (!stop.signal.aborted) {
  newcomer = new AbortController();
  const { isSettled, wasStopped } = await engine.run({ signal: stop.signal, waitAtMostMs: 1000 });
  process.stdout.write(`${JSON.stringify({ isSettled, wasStopped })}\n`);
  const signal = AbortSignal.any([newcomer.signal, stop.signal]);
  await setTimeout(30_000, undefined, { signal }).catch(() => undefined);
}

server.close();
server.closeAllConnections();
await ledger.close();
