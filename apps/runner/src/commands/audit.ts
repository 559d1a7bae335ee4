import { resolve } from 'node:path';
import type { AuditEntry } from '@expunge/engine';
import { shellArgument, shellQuote } from '@expunge/report/words';
import { loadConfig } from '../config/load-config.ts';
import { exitCodes } from '../exit-codes.ts';
import { writeOutputFile } from '../output/output-file.ts';
import { printable, printableJson } from '../output/printable.ts';
import { addAuditVerify, headText } from './audit-verify.ts';
import type { Command, SharedOptions } from './command-context.ts';
import { type AddCommand, withSharedOptions } from './command-line.ts';
import { withLedger } from './open-ledger.ts';

/** Adds `expunge audit` with its subcommands. */
export const addAudit: AddCommand = (program, run) => {
  const audit = program
    .command('audit')
    .description('the audit log: every change of state, chained by hashes and signed');
  addAuditVerify(audit, run);
  withSharedOptions(audit.command('head'), 'expunge audit head')
    .description(
      'the last entry and the public key, to be kept elsewhere: with them, a log that was cut or rewritten is found out',
    )
    .action((options: SharedOptions) => run(options, (context) => auditHeadCommand(context, {})));
  withSharedOptions(audit.command('list'), 'expunge audit list')
    .description('all entries, one a line')
    .action((options: SharedOptions) => run(options, (context) => auditListCommand(context, {})));
  withSharedOptions(audit.command('export'), 'expunge audit export audit.jsonl')
    .description('write the log to a new file, which anybody can check with the public key; it names nobody')
    .argument('<file>', 'where it goes; it must not exist')
    .action((file: string, options: SharedOptions) => run(options, (context) => auditExportCommand(context, { file })));
};

/** `expunge audit head`: the log's last entry, and the key that log and certificates are signed with, to be kept elsewhere. */
const auditHeadCommand: Command<object> = async (context) => {
  const loaded = await loadConfig(context.processEnvironment, context.shared.config);
  await withLedger(context, loaded, async (ledger) => {
    const head = await ledger.auditHead();
    const { publicKey } = ledger.signing();
    context.print(`Head: ${headText(head)}\nPublic key: ${publicKey}\n`);
    context.printJson({ head: headText(head), publicKey });
  });
  return exitCodes.settled;
};

/** `expunge audit list`: the entries, one JSON document a line. */
const auditListCommand: Command<object> = async (context) => {
  const loaded = await loadConfig(context.processEnvironment, context.shared.config);
  await withLedger(context, loaded, async (ledger) => {
    const entries: AuditEntry[] = [];
    for await (const entry of ledger.auditEntries()) {
      if (context.shared.json === true) entries.push(entry);
      else context.print(`${printableJson(JSON.stringify({ ...entry, at: new Date(entry.at).toISOString() }))}\n`);
    }
    context.printJson({ entries });
  });
  return exitCodes.settled;
};

/** `expunge audit export`: the log as a file that anybody can check with the public key. */
const auditExportCommand: Command<{ readonly file: string }> = async (context, { file }) => {
  const { exportLog } = await import('@expunge/engine');
  const path = resolve(context.processEnvironment.workingFolder, file);
  const loaded = await loadConfig(context.processEnvironment, context.shared.config);
  await withLedger(context, loaded, async (ledger, now) => {
    const refusal = `${path} exists already. Name a new file: an export overwrites nothing.`;
    const to = { what: 'The log', path, isPrivate: true, refusal };
    await writeOutputFile(context.processEnvironment, to, exportLog(ledger, now));
    const { publicKey } = ledger.signing();
    context.print(
      `Audit log: ${printable(path)}\nIt names nobody. Anybody with the public key can check it: expunge audit verify --public-key ${shellQuote(publicKey)} ${shellArgument(file)}\n`,
    );
    context.printJson({ export: path, publicKey });
  });
  return exitCodes.settled;
};
