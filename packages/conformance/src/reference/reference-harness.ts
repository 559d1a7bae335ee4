import type { DeletionConnector } from '@expunge/core';
import type { Asked, ConformanceHarness } from '../conformance-harness.ts';
import { createReferenceConnector } from './reference-connector.ts';
import { referenceToken, startReferenceVendor } from './reference-vendor.ts';

/**
 * The reference connector against the reference vendor.
 *
 * @param spoil - Makes the connector wrong, for testing that the suite notices.
 */
export async function referenceHarness(
  spoil: (connector: DeletionConnector, baseUrl: string) => DeletionConnector = (connector) => connector,
): Promise<ConformanceHarness> {
  const vendor = await startReferenceVendor();
  const connect = (options: { token?: string; timeoutMs?: number }) =>
    spoil(createReferenceConnector({ baseUrl: vendor.url, token: referenceToken, ...options }), vendor.url);
  const idOf: (subject: { identifiers: readonly { value: string }[] }) => string = ({ identifiers }) =>
    identifiers[0]?.value ?? '';
  return {
    connector: connect({}),
    vendor,
    clock: vendor.clock,
    subjectOf: (value) => ({ identifiers: [{ type: 'id', value }] }),
    seed: (subject) => vendor.add(idOf(subject)),
    isGone: (subject) => !vendor.has(idOf(subject)),
    settle: () => vendor.clock.advance(3 * 3_600_000),
    close: () => vendor.close(),
    secrets: [referenceToken],
    submitPath: /^\/deletions$/,
    refusals: [{ type: 'status', status: 200, body: { ok: false, error: 'tariff' } }],
    documentedAnswers: [
      { call: 'submit', status: 200, body: { ok: false, error: 'tariff' }, means: 'request-rejected' },
      {
        call: 'check',
        status: 200,
        body: ({ receipt }: Asked) => ({ ok: true, ...receipt, state: 'running' }),
        means: 'pending',
      },
      { call: 'verify', status: 404, body: { ok: false, error: 'unknown' }, means: 'absent' },
      { call: 'cancel', status: 200, body: { ok: false, error: 'too-late' }, means: 'too-late' },
      { call: 'recover', status: 200, body: { ok: true, jobs: [] }, means: 'not-found' },
      { call: 'checkAccess', status: 401, body: { ok: false, error: 'token' }, means: 'credentials-rejected' },
    ],
    connectorWithWrongCredentials: connect({ token: 'another-test-token' }),
    impatientConnector: connect({ timeoutMs: 200 }),
  };
}
