import type { ConnectorCapabilities } from '@expunge/core';
import type { AcmeSettings } from './acme-options.ts';

const hourMs = 3_600_000;

/** What Acme's deletion does, leaves behind and is limited to. Reports print it, and the engine obeys it. */
export function acmeCapabilities(settings: AcmeSettings): ConnectorCapabilities {
  return {
    title: 'Acme user deletion',
    reach: 'person',
    erases: ['The user with all events, within 24 hours after Acme took the request.'],
    leaves: ['Exports that were downloaded before.', 'Backups of Acme, for 30 days.'],
    identifiers: [{ type: 'user_id', from: ['user_id'] }],
    completion: { type: 'polled', ...settings.polling, expectedWithinMs: 24 * hourMs },
    readBack: { covers: 'person', identifiers: ['user_id'], afterMs: 0 },
    repeat: 'harmless',
    limits: {
      submit: { maxTargets: 100 },
      verify: { maxTargets: 1 },
      rates: [{ kinds: ['submit', 'check', 'verify', 'access'], calls: 10, perMs: 1000 }],
      inFlight: [],
    },
  };
}
