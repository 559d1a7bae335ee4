/** States in which something is still to be done. */
export const openStates = ['pre-read', 'ready', 'submitting', 'in-doubt', 'waiting', 'read-back', 'held'] as const;

/** States that end a task. */
export const terminalStates = [
  'deleted',
  'absent',
  'accepted',
  'partial',
  'failed',
  'contradicted',
  'skipped',
  'cancelled',
] as const;

/**
 * Where one task stands.
 *
 * Open:
 * - `pre-read`: the record is read first, so that its absence can prove something later.
 * - `ready`: to be submitted, now or when its time comes.
 * - `submitting`: the intent is committed; the call may be on its way.
 * - `in-doubt`: a call ended without an answer that tells whether the vendor acted.
 * - `waiting`: the vendor took it and gave a receipt; it is asked until it says how that ended.
 * - `read-back`: the vendor is done as far as it says; the record is read back when that becomes meaningful.
 * - `held`: the person is on the exclusion list; nothing is sent until they are released.
 *
 * Terminal:
 * - `deleted`: gone, with assurance `verified` or `confirmed`.
 * - `absent`: the vendor says there was nothing to delete (`confirmed`).
 * - `accepted`: the vendor took it; whether it finished can't be observed (`accepted`).
 * - `partial`: the vendor ended with parts not done.
 * - `failed`: will not be done without somebody acting.
 * - `contradicted`: the vendor says done, and the record is still there, again after a second try.
 * - `skipped`: nothing to send: the subject has no usable identifier.
 * - `cancelled`: called back before it began.
 */
export type TaskState = (typeof openStates)[number] | (typeof terminalStates)[number];

/** Whether nothing more happens to a task in this state. */
export function isTerminal(state: TaskState): boolean {
  return (terminalStates as readonly TaskState[]).includes(state);
}
