import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeConnector } from '@expunge/conformance';
import { createHttpConnector } from '@expunge/connector-http';
import type { Subject } from '@expunge/core';
import { startSandbox } from '@expunge/vendor-sandbox';
import { parse } from 'yaml';

const text = readFileSync(join(import.meta.dirname, 'expunge.config.yaml'), 'utf8');
const { options } = parse(text).connectors.onesignal;

/** Makes the connector that the configuration describes, with values where it has references, and a place to call. */
function make(
  baseUrl: string,
  appId: string,
  apiKey: string,
  more: { readonly timeoutMs?: number } = {},
  dispatcher?: never,
) {
  const collaborators = dispatcher === undefined ? {} : { dispatcher };
  return createHttpConnector({ ...options, values: { appId, apiKey }, baseUrl, ...more }, collaborators);
}

describeConnector('OneSignal, described to connector-http', async () => {
  // One deletion a second of the same person is a limit that no capability can state; the suite repeats itself faster.
  const settings = { onesignal: { deletionsPerUserPerSecond: 1000 } };
  const { onesignal, clock, close } = await startSandbox({ vendors: ['onesignal'], settings });
  const { appId, apiKey } = onesignal.credentials;
  const idOf = (subject: Subject) => subject.identifiers[0]?.value ?? '';
  return {
    connector: make(onesignal.url, appId, apiKey),
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
    connectorThrough: (dispatcher) => make(onesignal.url, appId, apiKey, {}, dispatcher),
    connectorWithWrongCredentials: make(onesignal.url, appId, 'wrong-key'),
    impatientConnector: make(onesignal.url, appId, apiKey, { timeoutMs: 200 }),
  };
});
