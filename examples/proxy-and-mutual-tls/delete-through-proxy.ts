import { readFileSync } from 'node:fs';
import { createAltcraftConnector } from '@expunge/connector-altcraft';
import { deleteSubject } from '@expunge/engine';
import { ProxyAgent } from 'undici';

const { PROXY = '', CLIENT_CERTIFICATE = '', CLIENT_KEY = '' } = process.env;
const { ALTCRAFT_URL = '', ALTCRAFT_TOKEN = '', ALTCRAFT_DATABASE = '' } = process.env;

// `requestTls` is between us and the vendor, inside of the tunnel; `proxyTls` would be between us and the proxy.
const dispatcher = new ProxyAgent({
  uri: PROXY,
  requestTls: { cert: readFileSync(CLIENT_CERTIFICATE), key: readFileSync(CLIENT_KEY) },
});
const connector = createAltcraftConnector(
  // absentCodes: how this Altcraft says "no such profile", as checkAccess() tells.
  { baseUrl: ALTCRAFT_URL, token: ALTCRAFT_TOKEN, databaseId: Number(ALTCRAFT_DATABASE), absentCodes: [404] },
  { dispatcher },
);

const person = { identifiers: [{ type: 'email', value: process.argv[2] ?? '' }] };
const outcomes = await deleteSubject(connector, person, { verify: 'before-and-after', waitAtMostMs: 2000 });
await dispatcher.close();

for (const { state, assurance, message } of outcomes) {
  process.stdout.write(`${state}, ${assurance ?? 'nothing is proven'}. ${message ?? ''}\n`);
}
process.exitCode = outcomes.every(({ assurance }) => assurance !== undefined) ? 0 : 1;
