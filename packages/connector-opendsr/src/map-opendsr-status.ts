import type { CheckOutcome, CheckPart } from '@expunge/core';
import type { Forwards } from './opendsr-api.ts';
import type { OpenDsrDialectName } from './opendsr-dialect.ts';

/** What a request's status means. OpenDSR has no word for a request that failed or was carried out in part. */
export function mapOpenDsrStatus(
  status: string,
  dialect: OpenDsrDialectName,
): Extract<CheckOutcome, { state: 'pending' | 'deleted' | 'cancelled' | 'unknown' }> {
  switch (canonicalStatus(status, dialect)) {
    case 'pending':
      return { state: 'pending', vendorStatus: status, canCancel: true };
    case 'in_progress':
      return { state: 'pending', vendorStatus: status, canCancel: false };
    case 'completed':
      return { state: 'deleted', vendorStatus: status };
    case 'cancelled':
      return { state: 'cancelled', vendorStatus: status };
    default:
      return {
        state: 'unknown',
        vendorStatus: 'undocumented-word',
        reason: 'The processor gives the request a status that OpenDSR does not have. Ask the processor.',
      };
  }
}

// AppsFlyer documents other spellings of two words (docs/vendors/opendsr.md).
function canonicalStatus(status: string, dialect: OpenDsrDialectName): string {
  if (dialect !== 'appsflyer') return status;
  if (status === 'in-progress') return 'in_progress';
  return status === 'canceled' ? 'cancelled' : status;
}

/**
 * What a request's status means together with what mParticle says of the partners whom it forwards erasures to: a request
 * that is completed is partial where one of them was not told. `sent` says that a partner was told, and no more.
 */
export function withForwards(
  outcome: ReturnType<typeof mapOpenDsrStatus>,
  forwards: Forwards,
): ReturnType<typeof mapOpenDsrStatus> | Extract<CheckOutcome, { state: 'partial' }> {
  const parts = (forwards ?? []).map(({ domain, status }): CheckPart => {
    return { name: domain, state: stateOfForward(status), vendorStatus: status };
  });
  const isTold = parts.every(({ state }) => state === 'unknown' || state === 'pending');
  if (outcome.state !== 'deleted' || isTold) return outcome;
  return { state: 'partial', vendorStatus: outcome.vendorStatus, parts };
}

function stateOfForward(status: string): CheckPart['state'] {
  switch (status) {
    case 'pending':
      return 'pending';
    // Not forwarded, because identities are missing that the partner needs.
    case 'skipped':
    case 'failed':
      return 'failed';
    default:
      return 'unknown';
  }
}
