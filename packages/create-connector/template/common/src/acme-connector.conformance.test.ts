import { describeConnector } from '@expunge/conformance';
import type { Subject } from '@expunge/core';
import { startAcmeSandbox } from '../test/acme-sandbox.ts';
import { createAcmeConnector } from './acme-connector.ts';
import { unfinished } from './unfinished.ts';

describeConnector('connector-acme', async () => {
  const sandbox = await startAcmeSandbox();
  const options = { baseUrl: sandbox.url, ...sandbox.credentials };
  const idOf = (subject: Subject) => subject.identifiers[0]?.value ?? '';
  return {
    connector: createAcmeConnector(options),
    vendor: sandbox,
    clock: sandbox.clock,
    subjectOf: (value) => ({
      identifiers: [
        { type: unfinished('the identifier type of these people, as in capabilities (guide: Conformance)'), value },
      ],
    }),
    seed(subject) {
      sandbox.seed([idOf(subject)]);
    },
    isGone: (subject) => !sandbox.has(idOf(subject)),
    settle: () =>
      sandbox.clock.advance(
        unfinished(
          'how long Acme takes until a deletion is done and can be read back, in milliseconds (guide: Conformance)',
        ),
      ),
    close: () => sandbox.close(),
    secrets: Object.values(sandbox.credentials),

    submitPath: unfinished('the path of the calls that delete: /^\\/v1\\/deletions$/ (guide: Conformance)'),
    refusals: unfinished(
      'the answers by which Acme refuses with HTTP 200; [] if its documents know none (guide: Conformance)',
    ),
    documentedAnswers: unfinished(
      "Acme's refusals and states that the fake vendor does not give, each with what it means (guide: Conformance)",
    ),
    connectorThrough: (dispatcher) => createAcmeConnector(options, { dispatcher }),
    connectorWithWrongCredentials: createAcmeConnector({ ...options, apiKey: 'wrong-key' }),
    impatientConnector: createAcmeConnector({ ...options, timeoutMs: 200 }),
  };
});
