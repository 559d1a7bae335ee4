import { type LoadedConfig, loadConfig } from '../config/load-config.ts';
import { exitCodes } from '../exit-codes.ts';
import { plural, renderTable } from '../output/table.ts';
import { parseIdentifier } from '../subjects/parse-identifier.ts';
import { UserError } from '../user-error.ts';
import { actorOf } from './actor.ts';
import type { Command, SharedOptions } from './command-context.ts';
import { type AddCommand, withSharedOptions } from './command-line.ts';
import { readNotes, setAsideWords } from './ledger-notes.ts';
import { withLedger, withWritableLedger } from './open-ledger.ts';

/** Adds `expunge hold` with its subcommands. */
export const addHold: AddCommand = (program, run) => {
  const hold = program.command('hold').description('legal holds: people who are not deleted for now');
  withSharedOptions(hold.command('add'), 'expunge hold add email=ada@example.com --reason "litigation 4711"')
    .description('put a person on hold; what was not sent yet is not sent, now and in future requests')
    .argument('<type=value>', 'one identifier of the person')
    .requiredOption('--reason <text>', 'why, for a later reader of the list; it must not name the person')
    .action((identifier: string, options: SharedOptions & Pick<HoldAddArguments, 'reason'>) =>
      run(options, (context) => holdAddCommand(context, { identifier, reason: options.reason })),
    );
  withSharedOptions(hold.command('remove'), 'expunge hold remove email=ada@example.com')
    .description('lift a hold; "expunge resume" goes on with what it stopped')
    .argument('<type=value>', 'the identifier, as it was added')
    .action((identifier: string, options: SharedOptions) =>
      run(options, (context) => holdRemoveCommand(context, { identifier })),
    );
  withSharedOptions(hold.command('list'), 'expunge hold list')
    .description('since when, why, and how many open requests; the list names nobody')
    .action((options: SharedOptions) => run(options, (context) => holdListCommand(context, {})));
};

const longestReason = 1000;

/** The arguments of `expunge hold add`. */
interface HoldAddArguments {
  /** `type=value`. */
  readonly identifier: string;
  /** Why, for a later reader of the list. */
  readonly reason: string;
}

/** `expunge hold add`: puts a person on hold. */
const holdAddCommand: Command<HoldAddArguments> = async (context, { identifier, reason }) => {
  const { textIssue } = await import('@expunge/engine');
  const issue = textIssue(reason, longestReason);
  if (issue !== undefined) throw new UserError(`The text of --reason ${issue}.`);
  const actor = await actorOf(context);
  const loaded = await loadConfig(context.processEnvironment, context.shared.config);
  const { held, setAside } = await withWritableLedger(context, loaded, async ({ ledger, clock }) => ({
    held: await ledger.addHold(parseIdentifier(identifier), reason, clock.now(), actor),
    setAside: (await readNotes(ledger)).setAside,
  }));
  context.print(
    held === undefined
      ? 'This person is on hold already.\n'
      : `On hold: ${plural(held, 'open request')}; new ones for this person will be too.\n`,
  );
  // Of whom nobody can tell whether this person is meant.
  for (const words of setAsideWords(setAside)) context.messages.warn(`${words}.`);
  context.printJson({ added: held !== undefined, requestsHeld: held ?? 0, setAside });
  return exitCodes.settled;
};

/** `expunge hold remove`: lifts a hold. */
const holdRemoveCommand: Command<{ readonly identifier: string }> = async (context, { identifier }) => {
  const actor = await actorOf(context);
  const loaded = await loadConfig(context.processEnvironment, context.shared.config);
  const released = await withWritableLedger(context, loaded, ({ ledger, clock }) =>
    ledger.removeHold(parseIdentifier(identifier), clock.now(), actor),
  );
  if (released === undefined)
    throw new UserError('There is no hold for this person. Type and value must be as they were added.');
  context.print(
    `The hold is lifted. ${plural(released, 'open request')} no longer on hold: ${goesOn(loaded)} with them.\n`,
  );
  context.printJson({ removed: true, requestsReleased: released });
  return exitCodes.settled;
};

/** `expunge hold list`: how many people are held, and why. The list knows fingerprints only, and names nobody. */
const holdListCommand: Command<object> = async (context) => {
  const loaded = await loadConfig(context.processEnvironment, context.shared.config);
  const holds = await withLedger(context, loaded, (ledger) => ledger.holds());
  const rows = holds.map((hold) => [
    hold.addedAt.slice(0, 10),
    hold.identifierType,
    String(hold.requests),
    hold.reason,
  ]);
  context.print(
    holds.length === 0
      ? 'Nobody is on hold.\n'
      : renderTable(
          [{ title: 'since' }, { title: 'by' }, { title: 'open requests', align: 'right' }, { title: 'reason' }],
          rows,
        ),
  );
  context.printJson({ holds });
  return exitCodes.settled;
};

function goesOn({ storage }: LoadedConfig): string {
  return storage.type === 'postgres' ? 'the workers go on' : '"expunge resume" goes on';
}
