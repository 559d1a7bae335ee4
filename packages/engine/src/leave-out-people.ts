import { ConnectorError, type SubmitOutcome, type Target } from '@expunge/core';

/** Shorter values stand in any sentence by chance. */
const shortestTelling = 4;

const leftOut = 'The connector said more, and named a person with it: that was left out. Report it to its author.';

/**
 * A connector's error as it may be kept and printed. The contract forbids it to name anybody; whoever does so all the
 * same is not believed: ledger, logs and reports are read by people who must not know.
 */
export function errorWithoutPeople(error: ConnectorError, targets: readonly Target[]): ConnectorError {
  if (!namesSomebody(`${error.message}\n${error.vendorStatus ?? ''}`, targets)) return error;
  const { code, vendor, httpStatus, retryAfterMs } = error;
  return new ConnectorError({ code, vendor, message: leftOut, httpStatus, retryAfterMs });
}

/** An outcome as it may be kept and printed. */
export function outcomeWithoutPeople(outcome: SubmitOutcome, target: Target): SubmitOutcome {
  if (outcome.type !== 'absent' && outcome.type !== 'rejected') return outcome;
  const said = outcome.type === 'rejected' ? outcome.message : '';
  if (!namesSomebody(`${said}\n${outcome.vendorStatus ?? ''}`, [target])) return outcome;
  return outcome.type === 'absent'
    ? { type: 'absent' }
    : { type: 'rejected', reason: outcome.reason, message: leftOut };
}

function namesSomebody(text: string, targets: readonly Target[]): boolean {
  const lower = text.toLowerCase();
  return targets.some(({ value, details }) =>
    [value, ...Object.values(details ?? {})].some(
      (each) => each.length >= shortestTelling && lower.includes(each.toLowerCase()),
    ),
  );
}
