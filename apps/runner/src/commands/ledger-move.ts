import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { CopyReport } from '@expunge/postgres';
import { loadConfig } from '../config/load-config.ts';
import { exitCodes } from '../exit-codes.ts';
import { printable } from '../output/printable.ts';
import { plural } from '../output/table.ts';
import { UserError } from '../user-error.ts';
import type { Command, SharedOptions } from './command-context.ts';
import { type AddCommand, withSharedOptions } from './command-line.ts';
import { loadPostgres, postgresAccess } from './load-postgres.ts';
import { requirePostgres } from './open-fleet.ts';
import { withSqliteLedger } from './open-sqlite.ts';

/** Adds `expunge ledger migrate`. */
export const addLedgerMigrate: AddCommand = (ledger, run) => {
  withSharedOptions(ledger.command('migrate'), 'expunge ledger migrate')
    .description("make or update the ledger's tables in PostgreSQL; workers of the version before go on meanwhile")
    .action((options: SharedOptions) => run(options, (context) => ledgerMigrateCommand(context, {})));
};

/** `expunge ledger migrate`: brings the tables of ledger and queue to what this version needs, while older workers go on. */
const ledgerMigrateCommand: Command<object> = async (context) => {
  const loaded = await loadConfig(context.processEnvironment, context.shared.config);
  const storage = requirePostgres(loaded, 'It is brought up to date by the next command that writes it.');
  const { migrateFleet } = await loadPostgres(loaded);
  const { from, to } = await migrateFleet(await postgresAccess(context, loaded, storage));
  context.print(
    from === to
      ? `The ledger is up to date (version ${to}). Nothing was changed.\n`
      : from === 0
        ? `The ledger is made (version ${to}).\n`
        : `The ledger is brought from version ${from} to ${to}.\n`,
  );
  context.printJson({ from, to });
  return exitCodes.settled;
};

/** Adds `expunge ledger copy`. */
export const addLedgerCopy: AddCommand = (ledger, run) => {
  withSharedOptions(ledger.command('copy'), 'expunge ledger copy --from expunge.db')
    .description('take the ledger of one machine over into the empty PostgreSQL that is configured, and compare both')
    .requiredOption('--from <file>', 'the SQLite ledger; ledger.key must be its key, and nothing may work on it')
    .action((options: SharedOptions & { readonly from: string }) =>
      run(options, (context) => ledgerCopyCommand(context, { from: options.from })),
    );
};

/** `expunge ledger copy`: takes the ledger of one machine over into the configured database. */
const ledgerCopyCommand: Command<{ readonly from: string }> = async (context, { from }) => {
  const loaded = await loadConfig(context.processEnvironment, context.shared.config);
  const storage = requirePostgres(
    loaded,
    'Name the database in the configuration first (ledger.postgres, ledger.key).',
  );
  const path = resolve(context.processEnvironment.workingFolder, from);
  if (!existsSync(path)) throw new UserError(`There is no ledger at ${path}.`);
  const { copyLedger } = await loadPostgres(loaded);
  const access = await postgresAccess(context, loaded, storage);
  // Values move as they are encrypted, so that both have the same key. Open for writing: nobody may change it meanwhile.
  const source = { type: 'sqlite', path, keyFile: undefined, key: storage.key } as const;
  const report: CopyReport = await withSqliteLedger(context, loaded, source, {}, (ledger) =>
    copyLedger(ledger, access, ({ done, total }) =>
      context.messages.info(`${done.toLocaleString('en-US')} of ${plural(total, 'row')} copied.`),
    ),
  );
  context.print(
    `Copied: ${plural(report.requests, 'request')}, ${plural(report.tasks, 'deletion')}, ${plural(report.auditEntries, 'audit entry', 'audit entries')}. Both ledgers answer alike.\n` +
      `Work with the database from now on. Keep ${printable(path)} until you have a backup of the database, and run nothing on it any more.\n`,
  );
  context.printJson({ from: path, ...report });
  return exitCodes.settled;
};
