import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { createAltcraftConnector } from '@expunge/connector-altcraft';
import { createCleverTapConnector } from '@expunge/connector-clevertap';
import { createMixpanelConnector } from '@expunge/connector-mixpanel';
import { createEngine, type IncomingRequest, RequestError } from '@expunge/engine';
import { openSqliteLedger } from '@expunge/engine/sqlite';

// POST /deletions takes a person in; GET /deletions/<id> says how that stands. SIGTERM ends it in good order.

const setting = (name: string): string => {
  const value = process.env[name];
  if (value === undefined) throw new Error(`Set ${name} in the environment.`);
  return value;
};

const clevertap = createCleverTapConnector({
  baseUrl: setting('CLEVERTAP_URL'),
  accountId: setting('CLEVERTAP_ACCOUNT_ID'),
  passcode: setting('CLEVERTAP_PASSCODE'),
});
const altcraft = createAltcraftConnector({
  baseUrl: setting('ALTCRAFT_URL'),
  token: setting('ALTCRAFT_TOKEN'),
  databaseId: Number(setting('ALTCRAFT_DATABASE')),
  // How this Altcraft says "no such profile": checkAccess() tells.
  absentCodes: [404],
});
const mixpanel = createMixpanelConnector({
  api: 'gdpr',
  baseUrl: setting('MIXPANEL_URL'),
  projectToken: setting('MIXPANEL_PROJECT_TOKEN'),
  oauthToken: setting('MIXPANEL_OAUTH_TOKEN'),
  // Mixpanel takes days; it is asked a first time after five minutes, and then less and less often.
  timing: { firstCheckAfterMs: Number(process.env.MIXPANEL_FIRST_CHECK_MS ?? 300_000) },
});

const ledger = await openSqliteLedger({ path: setting('LEDGER') });
const engine = createEngine({
  ledger,
  connectors: [
    { name: 'clevertap', connector: clevertap },
    { name: 'altcraft', connector: altcraft, verify: 'after' },
    { name: 'mixpanel', connector: mixpanel },
  ],
  onEvent: (event) => process.stderr.write(`${JSON.stringify(event)}\n`),
});

const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());
let newcomer = new AbortController();

const server = createServer(async (request, response) => {
  const { status, body } = await answer(request);
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
});

async function answer(request: IncomingMessage): Promise<{ status: number; body: unknown }> {
  const { method, url = '' } = request;
  const id = /^\/deletions\/([^/]+)$/.exec(url)?.[1];
  try {
    if (method === 'GET' && id !== undefined) {
      const found = await ledger.request(decodeURIComponent(id));
      return found === undefined ? { status: 404, body: {} } : { status: 200, body: found };
    }
    if (method !== 'POST' || url !== '/deletions') return { status: 404, body: {} };
    // The engine checks what comes in, and says what is wrong with it.
    const report = await engine.accept([(await json(request)) as IncomingRequest]);
    newcomer.abort();
    return { status: 202, body: report };
  } catch (error) {
    // What is wrong with JSON is not repeated: its text may be a person's.
    if (error instanceof RequestError) return { status: 400, body: { error: error.message } };
    if (error instanceof SyntaxError || error instanceof URIError) return { status: 400, body: {} };
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
  const { isSettled, wasStopped } = await engine.run({ signal: stop.signal, waitAtMostMs: 2000 });
  process.stdout.write(`${JSON.stringify({ isSettled, wasStopped })}\n`);
  const signal = AbortSignal.any([newcomer.signal, stop.signal]);
  await setTimeout(5_000, undefined, { signal }).catch(() => undefined);
}

// Who is being answered gets the answer; nobody else gets in.
server.close();
await once(server, 'close');
await ledger.close();
