import { type CheckOutcome, ConnectorError } from '@expunge/core';

/**
 * What Acme's word for a deletion's state means.
 *
 * @throws ConnectorError `response-unexpected` for a word that Acme does not document: never a guess.
 */
export function mapAcmeStatus(state: string): CheckOutcome {
  switch (state) {
    case 'queued':
    case 'running':
      return { state: 'pending', vendorStatus: state };
    case 'done':
      return { state: 'deleted', vendorStatus: state };
    case 'failed':
      return { state: 'failed', vendorStatus: state, canSubmitAgain: true };
    default:
      throw new ConnectorError({
        code: 'response-unexpected',
        vendor: 'acme',
        message: 'Acme told a state of the deletion that it does not document.',
      });
  }
}
