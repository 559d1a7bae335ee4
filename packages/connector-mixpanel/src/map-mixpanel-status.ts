import type { CheckOutcome } from '@expunge/core';
import { mixpanelError } from './mixpanel-error.ts';

/**
 * What a task's status word means (docs/vendors/mixpanel.md, "Status").
 *
 * @throws ConnectorError `response-unexpected` for a word outside the documented eight.
 */
export function mapMixpanelStatus(status: string): CheckOutcome {
  switch (status) {
    case 'PENDING':
    case 'STAGING':
      return { state: 'pending', vendorStatus: status, canCancel: true };
    case 'STARTED':
      return { state: 'pending', vendorStatus: status, canCancel: false };
    case 'UNKNOWN':
      // Mixpanel could not look the task up just now.
      return { state: 'pending', vendorStatus: status };
    case 'SUCCESS':
      return { state: 'deleted', vendorStatus: status };
    case 'FAILURE':
      // Mixpanel's advice is to check the ids and to create a new task.
      return { state: 'failed', vendorStatus: status, canSubmitAgain: true };
    case 'REVOKED':
      return { state: 'cancelled', vendorStatus: status };
    case 'NOT_FOUND':
      return { state: 'lost', vendorStatus: status };
    default:
      throw mixpanelError('response-unexpected', 'Mixpanel gave a task status that it does not document.');
  }
}

/**
 * What the status of a task that somebody else made means for our targets. Only they can call it back, and when they
 * do, our targets still have to go: they need a task of their own.
 */
export function mapForeignStatus(status: string): CheckOutcome {
  const outcome = mapMixpanelStatus(status);
  switch (outcome.state) {
    case 'pending':
      return { ...outcome, canCancel: false };
    case 'cancelled':
      return { state: 'failed', vendorStatus: outcome.vendorStatus, canSubmitAgain: true };
    default:
      return outcome;
  }
}
