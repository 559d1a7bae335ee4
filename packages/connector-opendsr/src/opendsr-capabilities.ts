import type { ConnectorCapabilities } from '@expunge/core';
import { vendorIdentifiers } from './opendsr-identities.ts';
import type { OpenDsrSettings } from './opendsr-options.ts';

/** What an OpenDSR erasure request does, leaves behind and is limited to (docs/vendors/opendsr.md). */
export function openDsrCapabilities(settings: OpenDsrSettings): ConnectorCapabilities {
  const { dialectName, identities, limits, polling, signatures } = settings;
  return {
    title: signatures === 'off' ? 'OpenDSR erasure request (replies not verified)' : 'OpenDSR erasure request',
    reach: 'person',
    erases: ['What the processor holds under the identities that were sent, as the processor understands an erasure.'],
    leaves: [
      'Whatever the processor may keep: OpenDSR leaves open what an erasure covers; the contract with the processor should say.',
      'A failure or a part not done shows nowhere: OpenDSR has no word for either, and such a request stays pending or in progress.',
      dialectName === 'mparticle-v3'
        ? 'Copies at partners: mParticle forwards erasures to those that are set up for it, says whether they were told, and guarantees nothing.'
        : 'Copies that the processor has handed on to others, unless it says that it forwards erasures.',
      'Data under identities that were not sent, and new data of the same person: nothing keeps it from being collected.',
    ],
    identifiers: vendorIdentifiers(identities),
    completion: { type: 'polled', ...polling },
    // A minute later a second request gets another id: a second job at the processor, or a conflict with the first.
    repeat: 'costly',
    limits: {
      submit: { maxTargets: 1 },
      rates: [
        { kinds: ['submit', 'check', 'cancel', 'recover', 'access'], calls: limits.callsPerMinute, perMs: 60_000 },
      ],
      inFlight: [{ kinds: ['submit', 'check', 'cancel', 'recover', 'access'], calls: limits.callsInFlight }],
    },
  };
}
