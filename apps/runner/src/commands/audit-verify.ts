import { createReadStream, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import type {
  AuditHead,
  CertificateResult,
  DifferenceKind,
  ExportedLogResult,
  LedgerVerification,
  SignedLogResult,
} from '@expunge/engine';
import { loadConfig } from '../config/load-config.ts';
import { readSmallFile } from '../config/read-small-file.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { printable } from '../output/printable.ts';
import { countWords, plural } from '../output/table.ts';
import { UserError } from '../user-error.ts';
import type { Command, CommandContext, SharedOptions } from './command-context.ts';
import { type AddCommand, withSharedOptions } from './command-line.ts';
import { listRequests } from './ledger-notes.ts';
import { withLedger } from './open-ledger.ts';

/** Adds `expunge audit verify`. */
export const addAuditVerify: AddCommand = (audit, run) => {
  withSharedOptions(audit.command('verify'), 'expunge audit verify certificate.json --public-key "$KEY"')
    .description('check log, tables and encrypted pages of the ledger; or an exported log or a certificate, offline')
    .argument(
      '[file]',
      'a file of "expunge audit export" or of "expunge report --certificate"; needs no configuration and no ledger',
    )
    .option('--head <number:hash>', 'a head that was kept elsewhere: the log must still contain it')
    .option('--public-key <key>', 'the key that the file must be signed with, as "expunge audit head" prints it')
    .addHelpText('after', '\nExit codes: 0 intact, 1 it could not be checked, 2 broken, changed or damaged.')
    .action((file: string | undefined, options: SharedOptions & Omit<AuditVerifyArguments, 'file'>) =>
      run(options, (context) => auditVerifyCommand(context, { ...options, file })),
    );
};

/** The arguments of `expunge audit verify`. */
interface AuditVerifyArguments {
  /** A certificate or an exported log to check instead of the ledger; needs neither configuration nor ledger. */
  readonly file?: string | undefined;
  /** A head that was kept elsewhere: `number:hash`. */
  readonly head?: string | undefined;
  /** The public key that the file must be signed with. */
  readonly publicKey?: string | undefined;
}

/** `expunge audit verify`: checks the ledger against its log, or an exported log, or a certificate. */
const auditVerifyCommand: Command<AuditVerifyArguments> = async (context, given) => {
  const anchor = given.head === undefined ? undefined : parseHead(given.head);
  if (given.file !== undefined) return verifyFile(context, given.file, given.publicKey, anchor);
  const loaded = await loadConfig(context.processEnvironment, context.shared.config);
  const result = printable(await withLedger(context, loaded, (ledger) => ledger.verify(anchor)));
  const { log, differences, pages } = result;
  context.printJson({ ...log, isIntact: result.isIntact, differences, pages });
  context.print(logWords(log));
  if (differences !== undefined) context.print(differencesWords(differences));
  context.print(pagesWords(pages));
  if (log.isIntact) context.print(`Head: ${headText(log.head)}\n`);
  return result.isIntact ? exitCodes.settled : exitCodes.failed;
};

function logWords(log: SignedLogResult): string {
  if (!log.isIntact) return `The audit log is broken. ${log.issue}\n`;
  const { entries, signatures, olderEntries } = log;
  const count = `${plural(entries, 'entry', 'entries')}, ${plural(signatures, 'signature')}`;
  const older =
    olderEntries === 0
      ? ''
      : `Entries 1 to ${countWords(olderEntries)} were written before entries were signed: the first signature covers them together.\n`;
  return `The audit log is intact: ${count}.\n${older}`;
}

const differenceWords: Readonly<Record<DifferenceKind, (count: number) => string>> = {
  tasks: (count) => `${plural(count, 'deletion')} not as the log says`,
  requests: (count) => `${plural(count, 'request')} not as the log says`,
  holds: (count) => `${plural(count, 'hold')} not as the log says`,
  erasures: (count) => `${plural(count, 'time')} it is not as the log says whether somebody is erased`,
  imports: (count) => `${plural(count, 'import')} not as the log says`,
  counts: (count) => `${plural(count, 'count')} of deletions wrong`,
};

function differencesWords(differences: NonNullable<LedgerVerification['differences']>): string {
  if (differences.length === 0) return 'The tables follow from it.\n';
  const lines = differences.map(({ kind, count, requests }) => {
    const which = requests.length === 0 ? '' : `: ${listRequests(requests)}`;
    return `  ${differenceWords[kind](count)}${which}\n`;
  });
  return `The tables differ from it: they were changed by something else than Expunge.\n${lines.join('')}`;
}

function pagesWords({ opened, damaged, requests, count }: LedgerVerification['pages']): string {
  if (damaged.length === 0) return `All encrypted pages open: ${countWords(opened)}.\n`;
  const which = damaged.slice(0, 20).join(', ');
  return (
    `${plural(damaged.length, 'encrypted page')} damaged: ${damaged.length > 20 ? `${which}, ...` : which}. ` +
    `${plural(count, 'request')} on ${damaged.length === 1 ? 'it' : 'them'}: ${listRequests(requests)}. ` +
    'Nothing more is sent for them until the ledger is restored from a backup.\n'
  );
}

async function verifyFile(
  context: CommandContext,
  file: string,
  publicKey: string | undefined,
  anchor: AuditHead | undefined,
): Promise<ExitCode> {
  const path = resolve(context.processEnvironment.workingFolder, file);
  if (await isExportedLog(path)) return verifyExport(context, path, publicKey, anchor);
  if (anchor !== undefined) {
    throw new UserError('--head is for an audit log: the ledger, or a file of "expunge audit export".');
  }
  return verifyCertificate(context, path, publicKey);
}

// Its first line says so; a certificate has none of that kind.
async function isExportedLog(path: string): Promise<boolean> {
  const { exportFormat } = await import('@expunge/engine');
  try {
    // Nothing is waited for that a pipe may never say.
    if (!statSync(path).isFile()) throw new UserError(`${path} is no file. Save it as one first.`);
    const file = await open(path, 'r');
    try {
      const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(64), position: 0 });
      return buffer.toString('utf8', 0, bytesRead).startsWith(`{"format":"${exportFormat}"`);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`The file ${path} can't be read.`);
  }
}

async function verifyExport(
  context: CommandContext,
  path: string,
  publicKey: string | undefined,
  anchor: AuditHead | undefined,
): Promise<ExitCode> {
  const [{ createInterface }, { checkExportedLog }] = await Promise.all([
    import('node:readline'),
    import('@expunge/engine'),
  ]);
  const lines = createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY });
  const result: ExportedLogResult = printable(await checkExportedLog(lines, { publicKey, anchor }));
  context.printJson(result);
  context.print(logWords(result));
  if (!result.isIntact) return exitCodes.failed;
  context.print(
    'Tables and encrypted pages were not checked: an exported log has neither. "expunge audit verify" checks them where the ledger and its key are.\n',
  );
  context.print(`Head: ${headText(result.head)}\n`);
  if (publicKey === undefined && result.publicKey !== undefined) {
    context.print(
      `Signed with the key ${result.publicKey}.\nCompare it with the issuer's, or give --public-key: anybody can sign with a key of their own.\n`,
    );
  }
  return exitCodes.settled;
}

async function verifyCertificate(
  context: CommandContext,
  path: string,
  publicKey: string | undefined,
): Promise<ExitCode> {
  const text = Buffer.from(readSmallFile(path)).toString('utf8');
  // Somebody else may have written it: what it says is shown, and nothing of it is a command.
  const result = printable(await check(text, publicKey));
  context.printJson(result);
  if (!result.isValid) {
    context.print(`The certificate is not valid. ${result.issue}\n`);
    return exitCodes.failed;
  }
  const { request, outcomes, issuedAt, entries } = result.statement;
  context.print(
    `The certificate is valid: ${plural(outcomes.length, 'outcome')} of request ${request.requestId}, ` +
      `behind them ${plural(entries.length, 'audit entry', 'audit entries')}; issued ${issuedAt}.\n`,
  );
  for (const outcome of outcomes) {
    const assurance = outcome.assurance === null ? '' : ` (${outcome.assurance})`;
    context.print(`  ${outcome.connector}: ${outcome.state}${assurance}\n`);
  }
  if (publicKey === undefined) {
    context.print(
      `Signed with the key whose fingerprint is ${result.keyFingerprint}.\n` +
        'Compare it with the issuer, or give --public-key: anybody can sign with a key of their own.\n',
    );
  }
  return exitCodes.settled;
}

async function check(text: string, publicKey: string | undefined): Promise<CertificateResult> {
  // A certificate in JSON begins with a brace.
  if (text.startsWith('{')) return (await import('@expunge/engine')).checkCertificate(text, publicKey);
  const { checkJwsCertificate, isJws } = await import('@expunge/report');
  if (isJws(text)) return await checkJwsCertificate(text, publicKey);
  return { isValid: false, issue: 'This is no certificate, or it was cut off.' };
}

/** A head as `expunge audit head` prints it and `--head` takes it. */
export function headText({ sequence, hash }: AuditHead): string {
  return `${sequence}:${hash}`;
}

// Entry 0 is the head of an empty log, which every log contains: it would prove nothing.
function parseHead(text: string): AuditHead {
  const match = /^([1-9]\d{0,14}):([0-9a-f]{64})$/.exec(text);
  if (match?.[1] === undefined || match[2] === undefined) {
    throw new UserError(
      `--head takes what "expunge audit head" printed of a log that has entries: a number from 1, a colon and ${countWords(64)} hexadecimal digits. Nothing was checked.`,
    );
  }
  return { sequence: Number(match[1]), hash: match[2] };
}
