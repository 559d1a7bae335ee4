import { ConnectorError } from '@expunge/core';

/**
 * What CleverTap's `status` word means.
 *
 * @throws ConnectorError `response-unexpected` where the word is not one of CleverTap's.
 */
export function mapCleverTapStatus(status: string): 'taken' | 'taken-in-part' | 'refused' {
  switch (status) {
    case 'success':
      return 'taken';
    case 'partial':
      return 'taken-in-part';
    case 'fail':
      return 'refused';
    default:
      throw new ConnectorError({
        code: 'response-unexpected',
        vendor: 'clevertap',
        message: 'CleverTap answered with a status word that it does not document.',
      });
  }
}
