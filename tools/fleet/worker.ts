/** One worker of a fleet, as a process of its own: `node worker.ts <database> <schema> <vendor>`. Stays until SIGTERM. */
import './read-sources.ts';
import { argv } from 'node:process';

const [, , url = '', schema = '', baseUrl = ''] = argv;

// After the hooks that read the sources.
const { createEngine } = await import('@expunge/engine');
const { openFleet } = await import('@expunge/postgres');
const { createCleverTapConnector } = await import('@expunge/connector-clevertap');
const { cleverTapSandboxCredentials } = await import('@expunge/vendor-sandbox');

const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());

const connector = createCleverTapConnector({
  ...cleverTapSandboxCredentials,
  baseUrl,
  limits: { maxTargets: 5, submitsInFlight: 3 },
});
const fleet = await openFleet({ url, schema, key: Buffer.alloc(32, 7) });
try {
  const connectors = [{ name: 'clevertap', connector, limitShare: 1 }];
  const engine = createEngine({ connectors, ledger: fleet.ledger, clock: fleet.clock });
  await engine.run({ stays: true, signal: stop.signal });
} finally {
  await fleet.close();
}
