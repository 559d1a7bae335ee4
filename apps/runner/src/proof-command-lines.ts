import type { Command as CommandLine } from 'commander';
import type { CommandContext, SharedOptions } from './commands/command-context.ts';
import type { ExitCode } from './exit-codes.ts';
import { addFleetLedgerCommands } from './fleet-command-lines.ts';

interface AuditVerifyOptions extends SharedOptions {
  readonly head?: string;
  readonly publicKey?: string;
}

interface RekeyOptions extends SharedOptions {
  readonly newKeyEnv?: string;
  readonly newKeyFile?: string;
}

/** What the commands here need of the command line around them. */
export interface CommandLineParts {
  /** Makes a command's context of the options that all take. */
  readonly context: (shared: SharedOptions) => CommandContext;
  /** Adds the options that all take. */
  readonly withShared: (command: CommandLine, example: string) => CommandLine;
  /** Is told the exit code. */
  readonly end: (code: ExitCode) => void;
}

/** Adds the commands about what is kept: legal holds, the audit log and the ledger itself. */
export function addProofCommands(program: CommandLine, parts: CommandLineParts): void {
  const { context, withShared, end } = parts;
  const hold = program.command('hold').description('legal holds: people who are not deleted for now');
  withShared(hold.command('add'), 'expunge hold add email=ada@example.com --reason "litigation 4711"')
    .description('put a person on hold; what was not sent yet is not sent, now and in future requests')
    .argument('<type=value>', 'one identifier of the person')
    .requiredOption('--reason <text>', 'why, for whoever reads the list later; it must not name the person')
    .action(async (identifier: string, options: SharedOptions & { readonly reason: string }) => {
      const { holdAddCommand } = await import('./commands/hold.ts');
      end(await holdAddCommand(context(options), { identifier, reason: options.reason }));
    });
  withShared(hold.command('remove'), 'expunge hold remove email=ada@example.com')
    .description('lift a hold; "expunge resume" goes on with what it stopped')
    .argument('<type=value>', 'the identifier, as it was added')
    .action(async (identifier: string, options: SharedOptions) => {
      const { holdRemoveCommand } = await import('./commands/hold.ts');
      end(await holdRemoveCommand(context(options), { identifier }));
    });
  withShared(hold.command('list'), 'expunge hold list')
    .description('since when, why, and how many open requests; the list names nobody')
    .action(async (options: SharedOptions) => {
      const { holdListCommand } = await import('./commands/hold.ts');
      end(await holdListCommand(context(options), {}));
    });

  const audit = program
    .command('audit')
    .description('the audit log: every change of state, chained by hashes and signed');
  withShared(audit.command('verify'), 'expunge audit verify certificate.json --public-key "$KEY"')
    .description('check log, tables and encrypted pages of the ledger; or an exported log or a certificate, offline')
    .argument(
      '[file]',
      'a file of "expunge audit export" or of "expunge report --certificate"; needs no configuration and no ledger',
    )
    .option('--head <number:hash>', 'a head that was kept elsewhere: the log must still contain it')
    .option('--public-key <key>', 'the key that the file must be signed with, as "expunge audit head" prints it')
    .addHelpText('after', '\nExit codes: 0 intact, 1 it could not be checked, 2 broken, changed or damaged.')
    .action(async (file: string | undefined, options: AuditVerifyOptions) => {
      const { auditVerifyCommand } = await import('./commands/audit.ts');
      end(await auditVerifyCommand(context(options), { ...options, file }));
    });
  withShared(audit.command('head'), 'expunge audit head')
    .description(
      'the last entry and the public key, to be kept elsewhere: whoever has them can tell a log that was cut or rewritten',
    )
    .action(async (options: SharedOptions) => {
      const { auditHeadCommand } = await import('./commands/audit.ts');
      end(await auditHeadCommand(context(options), {}));
    });
  withShared(audit.command('list'), 'expunge audit list')
    .description('all entries, one a line')
    .action(async (options: SharedOptions) => {
      const { auditListCommand } = await import('./commands/audit.ts');
      end(await auditListCommand(context(options), {}));
    });

  withShared(audit.command('export'), 'expunge audit export audit.jsonl')
    .description('write the log to a new file, which anybody can check with the public key; it names nobody')
    .argument('<file>', 'where it goes; it must not exist')
    .action(async (file: string, options: SharedOptions) => {
      const { auditExportCommand } = await import('./commands/audit.ts');
      end(await auditExportCommand(context(options), { file }));
    });

  const ledger = program.command('ledger').description('the ledger itself: backup, keys, moving to PostgreSQL');
  withShared(ledger.command('backup'), 'expunge ledger backup backups/2026-11-21.db')
    .description('write a copy to a new file, also while a run is going on; the key is not part of it')
    .argument('<file>', 'where the copy goes; it must not exist')
    .action(async (file: string, options: SharedOptions) => {
      const { ledgerBackupCommand } = await import('./commands/ledger.ts');
      end(await ledgerBackupCommand(context(options), { file }));
    });
  withShared(ledger.command('rekey'), 'expunge ledger rekey')
    .description('encrypt everything under a new key, all or nothing')
    .option('--new-key-env <name>', 'the environment variable with the new key, where ledger.key names the old one')
    .option('--new-key-file <path>', 'the file with the new key, likewise')
    .action(async (options: RekeyOptions) => {
      const { ledgerRekeyCommand } = await import('./commands/ledger.ts');
      end(await ledgerRekeyCommand(context(options), options));
    });
  withShared(ledger.command('accept-clock'), 'expunge ledger accept-clock 2026-11-27')
    .description(
      'go on although the ledger was last written later than now: its clock was ahead, and this one is right',
    )
    .argument('<today>', "today's date as you know it from elsewhere, in UTC: the machine's clock must say the same")
    .action(async (today: string, options: SharedOptions) => {
      const { ledgerAcceptClockCommand } = await import('./commands/ledger.ts');
      end(await ledgerAcceptClockCommand(context(options), { today }));
    });
  withShared(ledger.command('close-import'), 'expunge ledger close-import 3')
    .description('say of an import that was cut off that the rest of it is not to come')
    .argument('<number>', 'the number of the import, as "expunge status" says it')
    .action(async (number: string, options: SharedOptions) => {
      const { ledgerCloseImportCommand } = await import('./commands/ledger.ts');
      end(await ledgerCloseImportCommand(context(options), { number }));
    });
  addFleetLedgerCommands(ledger, parts);
}
