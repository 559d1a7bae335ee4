import { describeConnector } from '@expunge/conformance';
import type { Subject } from '@expunge/core';
import { startAcmeSandbox } from '../test/acme-sandbox.ts';
import { createAcmeConnector } from './acme-connector.ts';

describeConnector('connector-acme', async () => {
  const acme = await startAcmeSandbox();
  const options = { baseUrl: acme.url, ...acme.credentials };
  const idOf = (subject: Subject) => subject.identifiers[0]?.value ?? '';
  return {
    connector: createAcmeConnector(options),
    vendor: acme,
    clock: acme.clock,
    subjectOf: (value) => ({ identifiers: [{ type: 'user_id', value }] }),
    seed(subject) {
      acme.seed([idOf(subject)]);
    },
    isGone: (subject) => !acme.has(idOf(subject)),
    settle: () => acme.clock.advance(24 * 3_600_000),
    close: () => acme.close(),
    secrets: [options.apiKey],

    submitPath: /^\/v1\/deletions$/,
    refusals: [{ type: 'status', status: 200, body: { ok: false, error: 'plan_limit' } }],
    documentedAnswers: [
      { call: 'submit', status: 403, body: { ok: false, error: 'missing_role' }, means: 'permission-missing' },
      { call: 'submit', status: 200, body: { ok: false, error: 'plan_limit' }, means: 'quota-spent' },
      { call: 'submit', status: 400, body: { ok: false, error: 'bad_ids' }, means: 'request-rejected' },
      { call: 'check', status: 200, body: { ok: true, state: 'queued' }, means: 'pending' },
      { call: 'check', status: 200, body: { ok: true, state: 'running' }, means: 'pending' },
      { call: 'check', status: 200, body: { ok: true, state: 'done' }, means: 'deleted' },
      { call: 'check', status: 200, body: { ok: true, state: 'failed' }, means: 'failed' },
      { call: 'check', status: 404, body: { ok: false, error: 'unknown_job' }, means: 'lost' },
      { call: 'verify', status: 404, body: { ok: false, error: 'unknown_user' }, means: 'absent' },
    ],
    connectorThrough: (dispatcher) => createAcmeConnector(options, { dispatcher }),
    connectorWithWrongCredentials: createAcmeConnector({ ...options, apiKey: 'wrong-key' }),
    impatientConnector: createAcmeConnector({ ...options, timeoutMs: 200 }),
  };
});
