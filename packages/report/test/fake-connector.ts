import type { ConnectorCapabilities, DeletionConnector } from '@expunge/core';
import type { ConfiguredConnector } from '@expunge/engine';

/** Capabilities of a made-up vendor. */
const fakeCapabilities: ConnectorCapabilities = {
  title: 'Acme deletion',
  reach: 'person',
  erases: ['The profile with its history.'],
  leaves: ['Backups, for 30 days.'],
  identifiers: [
    { type: 'customer', from: ['user_id'] },
    { type: 'mail', from: ['email'] },
  ],
  completion: { type: 'immediate' },
  repeat: 'harmless',
  limits: { submit: { maxTargets: 100 }, rates: [], inFlight: [{ kinds: ['submit'], calls: 1 }] },
};

/** A connector of a made-up vendor that says yes to everything. */
function fakeConnector(capabilities: Partial<ConnectorCapabilities> = {}): DeletionConnector {
  return {
    specVersion: 'v1',
    vendor: 'acme',
    operation: 'profile',
    capabilities: { ...fakeCapabilities, ...capabilities },
    targetsOf: (subject) => subject.identifiers.map(({ type, value }) => ({ type, value })),
    submit: async (targets) => targets.map(() => ({ type: 'deleted' as const })),
    checkAccess: async () => ({ proven: ['The key works.'], unproven: [] }),
  };
}

/** It, under a name. */
export function fakeConfigured(name = 'acme', capabilities: Partial<ConnectorCapabilities> = {}): ConfiguredConnector {
  return { name, connector: fakeConnector(capabilities) };
}
