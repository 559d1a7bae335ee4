import type { ConnectorCapabilities } from '@expunge/core';
import type { AcmeSettings } from './acme-options.ts';
import { unfinished } from './unfinished.ts';

/** What Acme's deletion does, leaves behind and is limited to. Reports print it, and the engine obeys it. */
export function acmeCapabilities(settings: AcmeSettings): ConnectorCapabilities {
  return {
    title: unfinished('what a report calls this deletion: "Acme user deletion" (guide: Capabilities)'),
    reach: unfinished(
      'person, profile (the history stays), identifier (nobody is erased) or nothing (guide: Capabilities)',
    ),
    erases: unfinished(
      'what is gone afterwards, in sentences for a lawyer, from Acme’s documents (guide: Capabilities)',
    ),
    leaves: unfinished('what stays: exports, backups, destinations, events (guide: Capabilities)'),
    identifiers: unfinished(
      'each identifier that Acme deletes by, and which common type it is: { type: "user_id", from: ["user_id"] } (guide: Capabilities)',
    ),
    completion: unfinished('immediate, polled, elapsed or unknowable, with the documented times (guide: Capabilities)'),
    readBack: unfinished(
      'what a read-back covers, by which identifiers, and when it says something; delete this line together with verify() (guide: Capabilities)',
    ),
    repeat: unfinished(
      'harmless or costly: what happens when the same person is submitted twice? (guide: Capabilities)',
    ),
    limits: unfinished(
      'the documented limits: targets and bytes per call, calls per second, calls at once (guide: Capabilities)',
      settings,
    ),
  };
}
