import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { AuditEntry, AuditHead } from '@expunge/engine';
import { loadConfig } from '../config/load-config.ts';
import { exitCodes } from '../exit-codes.ts';
import { countWords, plural } from '../output/table.ts';
import { UserError } from '../user-error.ts';
import type { Command, CommandContext } from './command-context.ts';
import { withLedger } from './open-ledger.ts';

/** The arguments of `expunge audit verify`. */
export interface AuditVerifyArguments {
  /** A certificate to check instead of the ledger; needs neither configuration nor ledger. */
  readonly certificate?: string | undefined;
  /** A head that was kept elsewhere: `number:hash`. */
  readonly head?: string | undefined;
  /** The public key that the certificate must be signed with. */
  readonly publicKey?: string | undefined;
}

/** `expunge audit verify`: checks the chain of the audit log, or a certificate. */
export const auditVerifyCommand: Command<AuditVerifyArguments> = async (context, given) => {
  if (given.certificate !== undefined) return verifyCertificate(context, given.certificate, given.publicKey);
  const anchor = given.head === undefined ? undefined : parseHead(given.head);
  const { checkChainStream } = await import('@expunge/engine');
  const loaded = await loadConfig(context.processEnvironment, context.shared.config);
  const result = await withLedger(context, loaded, (ledger) => checkChainStream(ledger.auditEntries(), anchor));
  context.printJson(result);
  if (!result.isIntact) {
    context.print(`The audit log is broken. ${result.issue}\n`);
    return exitCodes.failed;
  }
  context.print(
    `The audit log is intact: ${plural(result.entries, 'entry', 'entries')}.\nHead: ${headText(result.head)}\n`,
  );
  return exitCodes.settled;
};

/** `expunge audit head`: the log's last entry, and the key that certificates are signed with, to be kept elsewhere. */
export const auditHeadCommand: Command<object> = async (context) => {
  const loaded = await loadConfig(context.processEnvironment, context.shared.config);
  await withLedger(context, loaded, async (ledger) => {
    const head = await ledger.auditHead();
    const { publicKey } = ledger.sign('');
    context.print(`Head: ${headText(head)}\nPublic key: ${publicKey}\n`);
    context.printJson({ head: headText(head), publicKey });
  });
  return exitCodes.settled;
};

/** `expunge audit list`: the entries, one JSON document a line. */
export const auditListCommand: Command<object> = async (context) => {
  const loaded = await loadConfig(context.processEnvironment, context.shared.config);
  await withLedger(context, loaded, async (ledger) => {
    const entries: AuditEntry[] = [];
    for await (const entry of ledger.auditEntries()) {
      if (context.shared.json === true) entries.push(entry);
      else context.print(`${JSON.stringify({ ...entry, at: new Date(entry.at).toISOString() })}\n`);
    }
    context.printJson({ entries });
  });
  return exitCodes.settled;
};

async function verifyCertificate(context: CommandContext, file: string, publicKey: string | undefined) {
  const { checkCertificate } = await import('@expunge/engine');
  const path = resolve(context.processEnvironment.workingFolder, file);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new UserError(`The certificate ${path} can't be read.`);
  }
  const result = checkCertificate(text, publicKey);
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

function headText({ sequence, hash }: AuditHead): string {
  return `${sequence}:${hash}`;
}

function parseHead(text: string): AuditHead {
  const match = /^(\d+):([0-9a-f]{64})$/.exec(text);
  if (match?.[1] === undefined || match[2] === undefined) {
    throw new UserError(
      `--head takes what "expunge audit head" printed: a number, a colon and ${countWords(64)} hexadecimal digits.`,
    );
  }
  return { sequence: Number(match[1]), hash: match[2] };
}
