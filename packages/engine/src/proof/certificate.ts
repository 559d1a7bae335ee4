import { createHash } from 'node:crypto';
import { z } from 'zod';
import { createSignatureCheck } from '../crypto/ledger-signer.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { LedgerError } from '../ledger/ledger-error.ts';
import { isInRanges, numbersIn } from '../ledger/number-ranges.ts';
import { isStoredAlike } from '../ledger/plain-text.ts';
import { terminalStates } from '../tasks/task-state.ts';
import { type AuditEntry, createSignedLogCheck, emptyHead, hashEntry, isHeadSigned } from './audit-chain.ts';

const entrySchema = z.strictObject({
  sequence: z.number().int(),
  at: z.number().int(),
  text: z.string(),
  hash: z.string(),
  previousHash: z.string(),
});

const statementSchema = z.strictObject({
  certificate: z.literal('expunge/v1'),
  issuedAt: z.string(),
  request: z.strictObject({
    requestId: z.string(),
    law: z.string(),
    receivedAt: z.string(),
    dueAt: z.string(),
    acceptedAt: z.string(),
    settledAt: z.string().nullable(),
  }),
  outcomes: z.array(
    z.strictObject({
      task: z.number().int(),
      connector: z.string(),
      targetType: z.string().nullable(),
      state: z.string(),
      assurance: z.string().nullable(),
      reason: z.string().nullable(),
      vendorStatus: z.string().nullable(),
      submittedAt: z.string().nullable(),
      finishedAt: z.string().nullable(),
    }),
  ),
  entries: z.array(entrySchema),
  // Certificates of the first version have no signature of the log.
  head: z.strictObject({ sequence: z.number().int(), hash: z.string(), signature: z.string().optional() }),
});

const certificateSchema = z.strictObject({
  /** The statement, as the very text that is signed. */
  statement: z.string(),
  /** Ed25519 over the statement, base64. */
  signature: z.string(),
  /** The ledger's public key, base64 of its SPKI form. */
  publicKey: z.string(),
});

/** What a certificate states: one request's outcomes, and the audit entries behind them. No personal data. */
export interface CertificateStatement extends z.infer<typeof statementSchema> {}

// Somebody may be at work on the request: outcomes and entries are read one after the other.
const tries = 5;

/**
 * Writes a signed statement of one request's outcomes as they stand now.
 *
 * @returns The certificate as JSON text; undefined where the ledger has no such request.
 * @throws LedgerError where the audit log is broken, or does not say what the ledger says: of that nothing is certified.
 */
export async function makeCertificate(ledger: Ledger, requestId: string, now: number): Promise<string | undefined> {
  let issue: string | undefined;
  for (let attempt = 1; attempt <= tries; attempt += 1) {
    const statement = await readStatement(ledger, requestId, now);
    if (statement === undefined) return undefined;
    issue = findStatementIssue(statement);
    if (issue !== undefined) continue;
    const text = JSON.stringify(statement);
    return `${JSON.stringify({ statement: text, ...ledger.sign(text) }, null, 2)}\n`;
  }
  throw notCertified(issue ?? '');
}

function notCertified(issue: string): LedgerError {
  return new LedgerError(
    'log-broken',
    `No certificate was made, because the audit log does not bear it out. ${issue} See 'expunge audit verify'.`,
  );
}

async function readStatement(
  ledger: Ledger,
  requestId: string,
  now: number,
): Promise<CertificateStatement | undefined> {
  const found = await ledger.request(requestId);
  if (found === undefined) return undefined;
  const { request, tasks } = found;
  // Also those that were replaced: the entries have to say where they went.
  const own = new Set(tasks.map((task) => task.task));
  const entries: z.infer<typeof entrySchema>[] = [];
  let last: AuditEntry | undefined;
  const log = createSignedLogCheck({ ...ledger.signing(), signatures: 'last' });
  for await (const entry of ledger.auditEntries()) {
    const broken = log.take(entry);
    if (broken !== undefined && !broken.isIntact) throw notCertified(broken.issue);
    const { sequence, at, text, hash } = entry;
    const previousHash = last?.hash ?? emptyHead.hash;
    if (concerns(text, requestId, own)) entries.push({ sequence, at, text, hash, previousHash });
    last = entry;
  }
  const result = log.end();
  if (!result.isIntact) throw notCertified(result.issue);
  return {
    certificate: 'expunge/v1',
    issuedAt: new Date(now).toISOString(),
    request: {
      requestId: request.requestId,
      law: request.law,
      receivedAt: request.receivedAt,
      dueAt: request.dueAt,
      acceptedAt: request.acceptedAt,
      settledAt: request.settledAt ?? null,
    },
    outcomes: tasks.map((task) => ({
      task: task.task,
      connector: task.connector,
      targetType: task.targetType ?? null,
      state: task.state,
      assurance: task.assurance ?? null,
      reason: task.reason ?? null,
      vendorStatus: task.vendorStatus ?? null,
      submittedAt: task.submittedAt ?? null,
      finishedAt: task.finishedAt ?? null,
    })),
    entries,
    head: { ...result.head, signature: last?.signature },
  };
}

function concerns(text: string, requestId: string, own: Set<number>): boolean {
  const entry: { type?: unknown; requestId?: unknown; tasks?: unknown } = JSON.parse(text);
  if (entry.type === 'accepted') {
    if (!isStoredAlike(String(entry.requestId), requestId)) return false;
    if (typeof entry.tasks === 'string') for (const task of numbersIn(entry.tasks)) own.add(task);
    return true;
  }
  // Explains times that are not those of the entries.
  if (entry.type === 'clock-corrected') return true;
  const { tasks: ranges } = entry;
  return typeof ranges === 'string' && [...own].some((task) => isInRanges(ranges, task));
}

/** What checking a certificate came to. */
export type CertificateResult =
  | { readonly isValid: true; readonly statement: CertificateStatement; readonly keyFingerprint: string }
  | { readonly isValid: false; readonly issue: string };

/**
 * Checks a certificate, offline: its signature, the hash of every entry in it, that the outcomes are what the entries
 * say, and that none is left out.
 *
 * @param publicKey - The ledger's public key as known from elsewhere. Without it, compare the fingerprint: a forger signs with a key of their own.
 */
export function checkCertificate(text: string, publicKey?: string): CertificateResult {
  const certificate = parse(certificateSchema, text);
  if (certificate === undefined) return { isValid: false, issue: 'This is no certificate, or it was cut off.' };
  if (publicKey !== undefined && publicKey.trim() !== certificate.publicKey) {
    return { isValid: false, issue: 'It was signed with another key than the one given.' };
  }
  const isSigned = createSignatureCheck(certificate.publicKey);
  if (!isSigned(certificate.statement, certificate.signature))
    return { isValid: false, issue: 'The signature does not fit: something in it was changed.' };
  return checkCertificateStatement(certificate.statement, certificate.publicKey);
}

/**
 * Checks what a certificate states, whose signature was checked already, in whichever form it came.
 *
 * @param publicKey - The key that it was signed with, base64 of its SPKI form.
 */
export function checkCertificateStatement(text: string, publicKey: string): CertificateResult {
  const statement = parse(statementSchema, text);
  if (statement === undefined) return { isValid: false, issue: 'The statement is not of the form of a certificate.' };
  const issue = findStatementIssue(statement);
  if (issue !== undefined) return { isValid: false, issue };
  const { head } = statement;
  if (head.signature !== undefined && !isHeadSigned(createSignatureCheck(publicKey), head, head.signature))
    return { isValid: false, issue: 'The signature of the audit log in it does not fit.' };
  const keyFingerprint = createHash('sha256').update(Buffer.from(publicKey, 'base64')).digest('hex');
  return { isValid: true, statement, keyFingerprint };
}

function parse<Schema extends z.ZodType>(schema: Schema, text: string): z.output<Schema> | undefined {
  try {
    const result = schema.safeParse(JSON.parse(text));
    return result.success ? result.data : undefined;
  } catch {
    return undefined;
  }
}

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
function findStatementIssue(statement: CertificateStatement): string | undefined {
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
