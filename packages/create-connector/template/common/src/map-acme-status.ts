import type { CheckOutcome } from '@expunge/core';
import { unfinished } from './unfinished.ts';

/**
 * What Acme's word for a deletion's state means.
 *
 * @throws ConnectorError `response-unexpected` for a word that Acme does not document: never a guess.
 */
export function mapAcmeStatus(state: string): CheckOutcome {
  return unfinished(
    'one switch with every documented state and an error for any other; delete this file if Acme tells no states (guide: Refusals and states)',
    state,
  );
}
