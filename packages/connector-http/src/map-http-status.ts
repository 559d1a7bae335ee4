import { type CheckOutcome, ConnectorError } from '@expunge/core';
import type { WordMeaning } from './call-schema.ts';

/**
 * What a vendor's word for a job means, by the list in the configuration.
 *
 * @throws ConnectorError `response-unexpected` where the word is not in the list: an unknown word is never a guess.
 */
export function mapHttpStatus(
  word: string,
  words: Readonly<Record<string, WordMeaning>>,
  vendor: string,
): CheckOutcome {
  const meaning = Object.hasOwn(words, word) ? words[word] : undefined;
  // The word is one of the configuration's, so it is safe to print; reports print plain words only.
  const vendorStatus = word.replace(/[^\w.:-]/g, '-').slice(0, 64);
  switch (typeof meaning === 'object' ? meaning.state : meaning) {
    case 'pending':
      return typeof meaning === 'object' && meaning.state === 'pending'
        ? { state: 'pending', vendorStatus, canCancel: meaning.canCancel }
        : { state: 'pending', vendorStatus };
    case 'failed':
      return {
        state: 'failed',
        vendorStatus,
        canSubmitAgain: typeof meaning === 'object' && meaning.state === 'failed' && meaning.canSubmitAgain,
      };
    case 'deleted':
      return { state: 'deleted', vendorStatus };
    case 'partial':
      return { state: 'partial', vendorStatus, parts: [] };
    case 'cancelled':
      return { state: 'cancelled', vendorStatus };
    case 'lost':
      return { state: 'lost', vendorStatus };
    case undefined:
      throw new ConnectorError({
        code: 'response-unexpected',
        vendor,
        message: 'The answer has a status word that check.status.words does not list.',
      });
  }
}
