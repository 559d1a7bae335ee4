import { resolve } from 'node:path';
import type { SqliteLedgerHandle } from '@expunge/engine/sqlite';
import { resolveKey } from '../config/ledger-key.ts';
import { loadConfig, type SqliteAdapter } from '../config/load-config.ts';
import type { Reference } from '../config/reference.ts';
import { exitCodes } from '../exit-codes.ts';
import { durationWords } from '../output/durations.ts';
import { printable } from '../output/printable.ts';
import { plural } from '../output/table.ts';
import { UserError } from '../user-error.ts';
import { actorOf } from './actor.ts';
import type { Command, SharedOptions } from './command-context.ts';
import { type AddCommand, withSharedOptions } from './command-line.ts';
import { addLedgerCopy, addLedgerMigrate } from './ledger-move.ts';
import { withWritableLedger } from './open-ledger.ts';
import { withPostgresLedger } from './open-postgres.ts';
import { withSqliteLedger } from './open-sqlite.ts';

/** Adds `expunge ledger` with its subcommands. */
export const addLedger: AddCommand = (program, run) => {
  const ledger = program.command('ledger').description('the ledger itself: backup, keys, moving to PostgreSQL');
  withSharedOptions(ledger.command('backup'), 'expunge ledger backup backups/2026-11-21.db')
    .description('write a copy to a new file, also while a run is going on; the key is not part of it')
    .argument('<file>', 'where the copy goes; it must not exist')
    .action((file: string, options: SharedOptions) =>
      run(options, (context) => ledgerBackupCommand(context, { file })),
    );
  withSharedOptions(ledger.command('rekey'), 'expunge ledger rekey')
    .description('encrypt everything under a new key, all or nothing')
    .option('--new-key-env <name>', 'the environment variable with the new key, where ledger.key names the old one')
    .option('--new-key-file <path>', 'the file with the new key, likewise')
    .action((options: SharedOptions & LedgerRekeyArguments) =>
      run(options, (context) => ledgerRekeyCommand(context, options)),
    );
  withSharedOptions(ledger.command('accept-clock'), 'expunge ledger accept-clock 2026-11-27')
    .description(
      'go on although the ledger was last written later than now: its clock was ahead, and this one is right',
    )
    .argument('<today>', "today's date as you know it from elsewhere, in UTC: the machine's clock must say the same")
    .action((today: string, options: SharedOptions) =>
      run(options, (context) => ledgerAcceptClockCommand(context, { today })),
    );
  withSharedOptions(ledger.command('close-import'), 'expunge ledger close-import 3')
    .description('say of an import that was cut off that the rest of it is not to come')
    .argument('<number>', 'the number of the import, as "expunge status" says it')
    .action((number: string, options: SharedOptions) =>
      run(options, (context) => ledgerCloseImportCommand(context, { number })),
    );
  addLedgerMigrate(ledger, run);
  addLedgerCopy(ledger, run);
};

/** `expunge ledger backup`: writes a copy of the ledger, also while a run is going on. */
const ledgerBackupCommand: Command<{ readonly file: string }> = async (context, { file }) => {
  const loaded = await loadConfig(context.processEnvironment, context.shared.config);
  const { storage } = loaded;
  if (storage.type === 'postgres') {
    throw new UserError(
      `The ledger is a PostgreSQL database: back it up with PostgreSQL's own pg_dump, also while workers are running: pg_dump --format=custom --schema=${storage.schema ?? 'expunge'} --file=${file} <database>. The key is not part of it. docs/fleet.md says how to restore it.`,
    );
  }
  const path = resolve(context.processEnvironment.workingFolder, file);
  await withSqliteLedger(context, loaded, storage, { readOnly: true }, (ledger) => ledger.backup(path));
  context.print(`Backup: ${printable(path)}\nThe key is not part of it. Keep a copy of the key in another place.\n`);
  context.printJson({ backup: path });
  return exitCodes.settled;
};

/** `expunge ledger accept-clock`: goes on with a clock that lies behind the ledger, because it was ahead before. */
const ledgerAcceptClockCommand: Command<{ readonly today: string }> = async (context, { today }) => {
  const loaded = await loadConfig(context.processEnvironment, context.shared.config);
  const { storage } = loaded;
  const isOnPostgres = storage.type === 'postgres';
  const actor = await actorOf(context);
  const accept = async (nowMs: number, ledger: Pick<SqliteLedgerHandle, 'acceptClock'>) => {
    const says = new Date(nowMs).toISOString().slice(0, 10);
    // A clock that is wrong now would bring every time back to where it never was.
    if (today === says) return await ledger.acceptClock(actor);
    throw new UserError(
      `${isOnPostgres ? "The database server's" : "The machine's"} clock says that today is ${says} (UTC). Set it right first, or give that date.`,
    );
  };
  const correction = isOnPostgres
    ? await withPostgresLedger(context, loaded, storage, (ledger) => accept(ledger.clock.now(), ledger))
    : await withSqliteLedger(context, loaded, storage, {}, (ledger) =>
        accept(context.processEnvironment.now(), ledger),
      );
  const goOn = isOnPostgres ? 'Start the workers.' : 'Go on with "expunge resume".';
  context.print(
    correction === undefined
      ? 'The clock is not behind the ledger. Nothing was changed.\n'
      : `The ledger was ahead by ${durationWords(correction.aheadMs)}, since ${correction.sinceAt}. Every time that was set then is brought back by as much; the audit log keeps them as they were. ${goOn}\n`,
  );
  context.printJson(correction === undefined ? { corrected: false } : { corrected: true, ...correction });
  return exitCodes.settled;
};

/** `expunge ledger close-import`: says that the rest of an import is not to come. */
const ledgerCloseImportCommand: Command<{ readonly number: string }> = async (context, { number }) => {
  if (!/^[1-9]\d{0,14}$/.test(number)) {
    throw new UserError('Name the import by its number, as "expunge status" says it: expunge ledger close-import 3.');
  }
  const actor = await actorOf(context);
  const loaded = await loadConfig(context.processEnvironment, context.shared.config);
  const isClosed = await withWritableLedger(context, loaded, ({ ledger, clock }) =>
    ledger.closeImport(Number(number), clock.now(), actor),
  );
  if (!isClosed) throw new UserError(`The ledger has no import ${number} without an end. "expunge status" names them.`);
  context.print(`Import ${number} is closed. What came in with it stays; nothing more of it is waited for.\n`);
  context.printJson({ closed: Number(number) });
  return exitCodes.settled;
};

/** The arguments of `expunge ledger rekey`. */
interface LedgerRekeyArguments {
  /** The environment variable that holds the new key, where the company keeps the key itself. */
  readonly newKeyEnv?: string | undefined;
  /** The file that holds it. */
  readonly newKeyFile?: string | undefined;
}

/** `expunge ledger rekey`: encrypts everything under a new key. */
const ledgerRekeyCommand: Command<LedgerRekeyArguments> = async (context, given) => {
  const loaded = await loadConfig(context.processEnvironment, context.shared.config);
  const { storage } = loaded;
  const newKey = await resolveNewKey(context, given, storage.key !== undefined);
  const actor = await actorOf(context);
  let isErased: boolean | undefined;
  let damagedPages = 0;
  if (storage.type === 'sqlite') {
    ({ isErased, damagedPages } = await withSqliteLedger(context, loaded, storage, {}, (ledger) =>
      ledger.rekey(newKey, actor),
    ));
  } else if (newKey !== undefined) {
    ({ isErased, damagedPages } = await withPostgresLedger(context, loaded, storage, (ledger) =>
      ledger.rekey(newKey, actor),
    ));
  }
  if (damagedPages > 0) {
    context.messages.warn(
      `${plural(damagedPages, 'encrypted page')} did not open and ${damagedPages === 1 ? 'was' : 'were'} left as before: damaged pages. "expunge audit verify" names them and the requests on them.`,
    );
  }
  if (isErased === false) {
    context.messages.warn(
      storage.type === 'sqlite'
        ? 'Another process is reading the ledger: what the old key opens may still be in its files. End it and run "expunge resume".'
        : "What the old key opens may still be in the database's files, as old versions of rows. Workers try to take them away every hour; where they can't (other programs read, or it is too much), VACUUM FULL does.",
    );
  }
  context.print(
    storage.type === 'postgres'
      ? 'Everything is encrypted under the new key. Point ledger.key at it on every machine, and start the workers anew.\n'
      : storage.key !== undefined
        ? 'Everything is encrypted under the new key. Point ledger.key at it now.\n'
        : `Everything is encrypted under a new key, in ${printable(keyFileOf(storage))}. Back it up; backups of the ledger made before need the old one.\n`,
  );
  context.printJson({ rekeyed: true, isErased, damagedPages });
  return exitCodes.settled;
};

async function resolveNewKey(
  context: Parameters<typeof ledgerRekeyCommand>[0],
  { newKeyEnv, newKeyFile }: LedgerRekeyArguments,
  isKeptByCompany: boolean,
): Promise<Uint8Array | undefined> {
  const reference: Reference | undefined =
    newKeyEnv !== undefined ? { env: newKeyEnv } : newKeyFile !== undefined ? { file: newKeyFile } : undefined;
  if (isKeptByCompany !== (reference !== undefined)) {
    throw new UserError(
      isKeptByCompany
        ? 'The configuration names the key itself (ledger.key): give the new one with --new-key-env or --new-key-file, and change the configuration afterwards.'
        : 'The ledger has a key file of its own: leave out --new-key-env and --new-key-file, and a new key is made.',
    );
  }
  const sources = {
    environment: context.processEnvironment.environment,
    folder: context.processEnvironment.workingFolder,
  };
  if (reference === undefined) return undefined;
  const key = await resolveKey(reference, sources);
  if ('value' in key) return key.value;
  throw new UserError(`${'env' in reference ? '--new-key-env' : '--new-key-file'}: ${key.issue}`);
}

function keyFileOf({ keyFile, path }: SqliteAdapter): string {
  return keyFile ?? `${path}.key`;
}
