import { type CheckOutcome, ConnectorError, type SubmitOutcome, type Target } from '@expunge/core';

/** Shorter values stand in any sentence by chance. */
const shortestTelling = 4;

const leftOut = 'The connector said more, and named a person with it: that was left out. Report it to its author.';
/** Stands for a word or a name that named a person. */
const leftOutWord = 'left-out';

/**
 * A connector's error as it may be kept and printed. The contract forbids it to name a person; a connector that does so all the
 * same is not believed: ledger, logs and reports are read by people who must not know.
 */
export function redactError(error: ConnectorError, targets: readonly Target[]): ConnectorError {
  if (!findNames(targets)(`${error.message}\n${error.vendorStatus ?? ''}`)) return error;
  const { code, vendor, httpStatus, retryAfterMs } = error;
  return new ConnectorError({ code, vendor, message: leftOut, httpStatus, retryAfterMs });
}

/**
 * The outcomes of a call as they may be kept and printed. What is said about one target may name another one of the call:
 * every text is held against all of them, once.
 */
export function redactOutcomes(
  outcomes: readonly SubmitOutcome[],
  targets: readonly Target[],
): readonly SubmitOutcome[] {
  const namesSomebody = findNames(targets);
  const known = new Map<string, boolean>();
  const names = (text: string) => {
    const answer = known.get(text) ?? namesSomebody(text);
    known.set(text, answer);
    return answer;
  };
  return outcomes.map((outcome) => {
    if (outcome.type === 'deleted') {
      return outcome.message === undefined || !names(outcome.message) ? outcome : { type: 'deleted', message: leftOut };
    }
    if (outcome.type !== 'absent' && outcome.type !== 'rejected') return outcome;
    const said = outcome.type === 'rejected' ? outcome.message : '';
    if (!names(`${said}\n${outcome.vendorStatus ?? ''}`)) return outcome;
    return outcome.type === 'absent'
      ? { type: 'absent' }
      : { type: 'rejected', reason: outcome.reason, message: leftOut };
  });
}

/** How a submission stands, as it may be kept and printed. What the vendor said of it decides all the same. */
export function redactCheck(outcome: CheckOutcome, targets: readonly Target[]): CheckOutcome {
  const namesSomebody = findNames(targets);
  const clean = (word: string) => (namesSomebody(word) ? leftOutWord : word);
  const vendorStatus = clean(outcome.vendorStatus);
  if (outcome.state === 'unknown') {
    return { ...outcome, vendorStatus, reason: namesSomebody(outcome.reason) ? leftOut : outcome.reason };
  }
  if (!('parts' in outcome) || outcome.parts === undefined) return { ...outcome, vendorStatus };
  const parts = outcome.parts.map((part) => ({
    ...part,
    name: clean(part.name),
    vendorStatus: clean(part.vendorStatus),
  }));
  return { ...outcome, vendorStatus, parts };
}

/** The same for one outcome per target: what is said about one may name another. Most are the same outcome. */
export function redactChecks(outcomes: readonly CheckOutcome[], targets: readonly Target[]): readonly CheckOutcome[] {
  const known = new Map<CheckOutcome, CheckOutcome>();
  return outcomes.map((outcome) => {
    const redacted = known.get(outcome) ?? redactCheck(outcome, targets);
    known.set(outcome, redacted);
    return redacted;
  });
}

/** Tells whether a text names one of the people: as they are written, or as a URL or JSON writes them. */
function findNames(targets: readonly Target[]): (text: string) => boolean {
  return (text) => {
    const lower = text.toLowerCase();
    return targets.some(({ value, details }) =>
      [value, ...Object.values(details ?? {})].some(
        (each) => each.length >= shortestTelling && formsOf(each).some((form) => lower.includes(form)),
      ),
    );
  };
}

function formsOf(value: string): readonly string[] {
  const lower = value.toLowerCase();
  if (/^[\w.-]*$/.test(lower)) return [lower];
  const inForm = new URLSearchParams({ v: value }).toString().slice(2);
  return [lower, encodeURIComponent(value.toWellFormed()), inForm, JSON.stringify(value).slice(1, -1)].map((form) =>
    form.toLowerCase(),
  );
}
