import { resolve } from 'node:path';
import { resolveKey } from '../config/ledger-key.ts';
import { loadConfig } from '../config/load-config.ts';
import { exitCodes } from '../exit-codes.ts';
import { durationWords } from '../output/durations.ts';
import { UserError } from '../user-error.ts';
import type { Command } from './command-context.ts';
import { withLedger, withWritableLedger } from './open-ledger.ts';

/** `expunge ledger backup`: writes a copy of the ledger, also while a run is going on. */
export const ledgerBackupCommand: Command<{ readonly file: string }> = async (context, { file }) => {
  const loaded = await loadConfig(context.surroundings, context.shared.config);
  const path = resolve(context.surroundings.workingFolder, file);
  await withLedger(context, loaded, (ledger) => ledger.backup(path));
  context.print(`Backup: ${path}\nThe key is not part of it. Keep a copy of the key in another place.\n`);
  context.printJson({ backup: path });
  return exitCodes.settled;
};

/** `expunge ledger accept-clock`: goes on with a clock that lies behind the ledger, because it was ahead before. */
export const ledgerAcceptClockCommand: Command<{ readonly today: string }> = async (context, { today }) => {
  const says = new Date(context.surroundings.now()).toISOString().slice(0, 10);
  // A clock that is wrong now would bring every time back to where it never was.
  if (today !== says) {
    throw new UserError(`The machine's clock says that today is ${says} (UTC). Set it right first, or give that date.`);
  }
  const loaded = await loadConfig(context.surroundings, context.shared.config);
  const correction = await withWritableLedger(context, loaded, (ledger) => ledger.acceptClock());
  context.print(
    correction === undefined
      ? 'The clock is not behind the ledger. Nothing was changed.\n'
      : `The ledger was ahead by ${durationWords(correction.aheadMs)}, since ${correction.sinceAt}. Every time that was set then is brought back by as much; the audit log keeps them as they were. Go on with "expunge resume".\n`,
  );
  context.printJson(correction === undefined ? { corrected: false } : { corrected: true, ...correction });
  return exitCodes.settled;
};

/** The arguments of `expunge ledger rekey`. */
export interface LedgerRekeyArguments {
  /** The environment variable that holds the new key, where the company keeps the key itself. */
  readonly newKeyEnv?: string | undefined;
  /** The file that holds it. */
  readonly newKeyFile?: string | undefined;
}

/** `expunge ledger rekey`: seals everything under a new key. */
export const ledgerRekeyCommand: Command<LedgerRekeyArguments> = async (context, given) => {
  const loaded = await loadConfig(context.surroundings, context.shared.config);
  const keptByCompany = loaded.config.ledger.key !== undefined;
  const reference =
    given.newKeyEnv === undefined
      ? given.newKeyFile === undefined
        ? undefined
        : { file: given.newKeyFile }
      : { env: given.newKeyEnv };
  if (keptByCompany !== (reference !== undefined)) {
    throw new UserError(
      keptByCompany
        ? 'The configuration names the key itself (ledger.key): give the new one with --new-key-env or --new-key-file, and change the configuration afterwards.'
        : 'The ledger has a key file of its own: leave out --new-key-env and --new-key-file, and a new key is made.',
    );
  }
  const sources = { environment: context.surroundings.environment, folder: context.surroundings.workingFolder };
  const newKey = reference === undefined ? undefined : await resolveKey(reference, 'The new key', sources);
  const { isErased } = await withWritableLedger(context, loaded, (ledger) => ledger.rekey(newKey));
  if (!isErased) {
    context.messages.warn(
      'Another process is reading the ledger: what the old key opens may still be in its files. End it and run "expunge resume".',
    );
  }
  context.print(
    keptByCompany
      ? 'Everything is sealed under the new key. Point ledger.key at it now.\n'
      : `Everything is sealed under a new key, in ${loaded.keyFile ?? `${loaded.ledgerPath}.key`}. Back it up; backups of the ledger made before need the old one.\n`,
  );
  context.printJson({ rekeyed: true, isErased });
  return exitCodes.settled;
};
