import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeConnector } from '@expunge/conformance';
import type { DeletionConnector, Subject } from '@expunge/core';
import { startSandbox } from '@expunge/vendor-sandbox';
import { loadConfig } from '../../apps/runner/src/config/load-config.ts';
import { loadConnectors } from '../../apps/runner/src/config/load-connectors.ts';
import type { Surroundings } from '../../apps/runner/src/surroundings.ts';

const example = import.meta.dirname;
const yaml = readFileSync(join(example, 'expunge.config.yaml'), 'utf8');

/** Makes the connector that the example describes as the command does, with a place of its own to call. */
async function load(baseUrl: string, apiKey: string, appId: string, more = ''): Promise<DeletionConnector> {
  const folder = mkdtempSync(join(tmpdir(), 'vendor-without-code-'));
  try {
    symlinkSync(join(example, 'node_modules'), join(folder, 'node_modules'), 'junction');
    const changed = yaml.replace('      hosts:', `      baseUrl: ${baseUrl}\n${more}      hosts:`);
    writeFileSync(join(folder, 'expunge.config.yaml'), changed);
    // Reading a configuration asks the surroundings for nothing but the folder.
    const config = await loadConfig({ workingFolder: folder } as Surroundings, undefined);
    const environment = { ONESIGNAL_APP_ID: appId, ONESIGNAL_API_KEY: apiKey };
    const { connectors, issues } = await loadConnectors(config, { environment, now: () => Date.now() });
    const [configured] = connectors;
    if (configured === undefined || issues.length > 0) throw new Error(JSON.stringify(issues));
    return configured.connector;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describeConnector('OneSignal, described to connector-http', async () => {
  // One deletion a second of the same person is a limit that no capability can state; the suite repeats itself faster.
  const settings = { onesignal: { deletionsPerUserPerSecond: 1000 } };
  const { onesignal, clock, close } = await startSandbox({ vendors: ['onesignal'], settings });
  const { appId, apiKey } = onesignal.credentials;
  const idOf = (subject: Subject) => subject.identifiers[0]?.value ?? '';
  return {
    connector: await load(onesignal.url, apiKey, appId),
    vendor: onesignal,
    clock,
    subjectOf: (value) => ({ identifiers: [{ type: 'external_id', value }] }),
    seed: (subject) => void onesignal.seed([idOf(subject)]),
    isGone: (subject) => !onesignal.hasUser(idOf(subject)),
    settle: () => clock.advance(3_600_000),
    close,
    secrets: [apiKey],
    submitPath: /\/users\//,
    refusals: [
      { type: 'status', status: 202, body: { identity: { onesignal_id: '0' }, errors: ['some text'] } },
      { type: 'status', status: 200, body: '' },
      { type: 'status', status: 404, body: { errors: ['App not found'] } },
    ],
    connectorWithWrongCredentials: await load(onesignal.url, 'wrong-key', appId),
    impatientConnector: await load(onesignal.url, apiKey, appId, '      timeoutMs: 200\n'),
  };
});
