import { type CheckOutcome, ConnectorError } from '@expunge/core';
import type { OpenDsrDialectName } from './opendsr-dialect.ts';

/**
 * What a request's status means. OpenDSR has no word for a request that failed or was carried out in part.
 *
 * @throws ConnectorError `response-unexpected` where the word is not one that the processor's dialect documents.
 */
export function mapOpenDsrStatus(
  status: string,
  dialect: OpenDsrDialectName,
): Extract<CheckOutcome, { state: 'pending' | 'deleted' | 'cancelled' }> {
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
      throw new ConnectorError({
        code: 'response-unexpected',
        vendor: 'opendsr',
        message: 'The processor answered with a status word that OpenDSR does not have.',
      });
  }
}

// AppsFlyer documents other spellings of two words (docs/vendors/opendsr.md).
function canonicalStatus(status: string, dialect: OpenDsrDialectName): string {
  if (dialect !== 'appsflyer') return status;
  if (status === 'in-progress') return 'in_progress';
  return status === 'canceled' ? 'cancelled' : status;
}
