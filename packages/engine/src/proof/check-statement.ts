import { isInRanges, numbersIn } from '../ledger/number-ranges.ts';
import { isStoredAlike } from '../ledger/plain-text.ts';
import { terminalStates } from '../tasks/task-state.ts';
import { hashEntry } from './audit-chain.ts';
import type { CertificateStatement } from './certificate.ts';

/** What an entry of the audit log may say about a request or a task. */
interface EntryText {
  readonly type?: string;
  readonly request?: number;
  readonly requestId?: string;
  readonly law?: string;
  readonly receivedAt?: string;
  readonly dueAt?: string;
  readonly tasks?: string;
  readonly connector?: string;
  readonly to?: string;
  readonly assurance?: string;
  readonly reason?: string;
  readonly vendorStatus?: string;
}

type Outcome = CertificateStatement['outcomes'][number];

/** What in a statement does not follow from the entries in it; undefined: all of it does. */
export function findStatementIssue(statement: CertificateStatement): string | undefined {
  let last = 0;
  for (const { previousHash, sequence, at, text, hash } of statement.entries) {
    if (sequence <= last) return `Audit entry ${sequence} is out of order.`;
    if (hashEntry(previousHash, sequence, at, text) !== hash) return `Audit entry ${sequence} does not fit its hash.`;
    last = sequence;
  }
  const texts = statement.entries.map(({ text }): EntryText => JSON.parse(text));
  return findRequestIssue(statement, texts) ?? findOutcomeIssue(statement, texts);
}

function findRequestIssue({ request }: CertificateStatement, texts: readonly EntryText[]): string | undefined {
  const accepted = texts.filter(({ type }) => type === 'accepted');
  const [entry] = accepted;
  if (accepted.length !== 1 || entry === undefined || !isStoredAlike(entry.requestId ?? '', request.requestId)) {
    return 'The entry with which the request came in is not there.';
  }
  if (entry.law !== request.law) return 'The request is not the one that came in.';
  // A clock that was ahead gave the request times that were brought back later: the entry keeps them as they were.
  if (texts.some(({ type }) => type === 'clock-corrected')) return undefined;
  const isSame = (a: string | undefined, b: string) => Date.parse(a ?? '') === Date.parse(b);
  return isSame(entry.receivedAt, request.receivedAt) && isSame(entry.dueAt, request.dueAt)
    ? undefined
    : 'The times of the request are not those with which it came in.';
}

function findOutcomeIssue(statement: CertificateStatement, texts: readonly EntryText[]): string | undefined {
  const wanted = tasksOfRequest(texts);
  for (const outcome of statement.outcomes) {
    if (!wanted.delete(outcome.task))
      return `Task ${outcome.task} is not one of this request's, or stands there twice.`;
    const moves = texts.filter(({ type, tasks = '' }) => type === 'moved' && isInRanges(tasks, outcome.task));
    if (!isOutcomeOf(moves, outcome)) return `The outcome of task ${outcome.task} is not what its audit entries say.`;
  }
  const [missing] = wanted;
  return missing === undefined ? undefined : `The outcome of task ${missing} is left out.`;
}

/** The tasks that a request has by its entries: with which it came in, or which were added or replaced later. */
function tasksOfRequest(texts: readonly EntryText[]): Set<number> {
  const own = new Set<number>();
  let request: number | undefined;
  for (const { type, request: of, to, tasks = '' } of texts) {
    if (type === 'accepted') request = of;
    if ((type === 'accepted' || type === 'extended') && of === request)
      for (const task of numbersIn(tasks)) own.add(task);
    if (to === 'replaced') for (const task of own) if (isInRanges(tasks, task)) own.delete(task);
  }
  return own;
}

function isOutcomeOf(moves: readonly EntryText[], outcome: Outcome): boolean {
  const last = moves.at(-1);
  const isSame = (a: string | undefined, b: string | null) => (a ?? null) === b;
  if (!isSame(last?.to, outcome.state) || !isSame(last?.assurance, outcome.assurance)) return false;
  if (last?.connector !== outcome.connector) return false;
  // While a task is open, reason and status may come from asking about its submission, which is no move.
  if (!(terminalStates as readonly string[]).includes(outcome.state)) return true;
  const said = moves.flatMap(({ vendorStatus }) => vendorStatus ?? []);
  return (
    isSame(last.reason, outcome.reason) &&
    (outcome.vendorStatus === null || said.some((word) => isStoredAlike(word, outcome.vendorStatus ?? '')))
  );
}
