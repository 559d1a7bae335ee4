import type { CheckOutcome } from '@expunge/core';

/** What a task's status word means (docs/vendors/mixpanel.md, "Completion"). */
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
      // Mixpanel's advice is to check the ids and to create a new task: one id that nobody has fails a task for all.
      return { state: 'failed', vendorStatus: status, canSubmitAgain: true, canBisect: true };
    case 'REVOKED':
      return { state: 'cancelled', vendorStatus: status };
    case 'NOT_FOUND':
      return { state: 'lost', vendorStatus: status };
    default:
      return {
        state: 'unknown',
        vendorStatus: 'undocumented-word',
        reason: 'Mixpanel gives the task a status that it does not document. Look the task up at Mixpanel.',
      };
  }
}
