import type { CheckOutcome } from '@expunge/core';
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
