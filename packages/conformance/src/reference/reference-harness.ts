import type { DeletionConnector } from '@expunge/core';
import type { ConformanceHarness } from '../conformance-harness.ts';
import { createReferenceConnector } from './reference-connector.ts';
import { referenceToken, startReferenceVendor } from './reference-vendor.ts';

/**
 * The reference connector against the reference vendor.
 *
 * @param spoil - Makes the connector wrong, for testing that the suite notices.
 */
export async function referenceHarness(
  spoil: (connector: DeletionConnector) => DeletionConnector = (connector) => connector,
): Promise<ConformanceHarness> {
  const vendor = await startReferenceVendor();
  const connect = (options: { token?: string; timeoutMs?: number }) =>
    spoil(createReferenceConnector({ baseUrl: vendor.url, token: referenceToken, ...options }));
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
    connectorWithWrongCredentials: connect({ token: 'another-test-token' }),
    impatientConnector: connect({ timeoutMs: 200 }),
  };
}
