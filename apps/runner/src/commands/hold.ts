import type { Identifier } from '@expunge/core';
import type { AllowedValue, Hold, Ledger } from '@expunge/engine';
import { type LoadedConfig, loadConfig } from '../config/load-config.ts';
import { exitCodes } from '../exit-codes.ts';
import { countWords, plural, renderTable } from '../output/table.ts';
import { parseIdentifier, parsePerson } from '../subjects/parse-identifier.ts';
import { UserError } from '../user-error.ts';
import { actorOf } from './actor.ts';
import type { Command, SharedOptions } from './command-context.ts';
import { type AddCommand, allowValueOption, withSharedOptions } from './command-line.ts';
import { readNotes, setAsideWords } from './ledger-notes.ts';
import { loadForReading } from './load-for-reading.ts';
import { withLedger, withWritableLedger } from './open-ledger.ts';

/** Adds `expunge hold` with its subcommands. */
export const addHold: AddCommand = (program, run) => {
  const hold = program.command('hold').description('legal holds: people who are not deleted for now');
  withSharedOptions(hold.command('add'), 'expunge hold add email=ada@example.com --reason "litigation 4711"')
    .description('put a person on hold; what was not sent yet is not sent, now and in future requests')
    .argument('[type=value...]', 'identifiers of the person; a request with one of them is on hold')
    .requiredOption('--reason <text>', 'why, for a later reader of the list; it must not name the person')
    .option('--request <id>', 'the person of this request, by all of its identifiers')
    .addOption(allowValueOption())
    .action((identifiers: readonly string[], options: SharedOptions & Omit<HoldAddArguments, 'identifiers'>) =>
      run(options, (context) => holdAddCommand(context, { ...options, identifiers })),
    );
  withSharedOptions(hold.command('check'), 'expunge hold check email=ada@example.com')
    .description('whether a request for this person would be on hold (exit code 3) or sent (0), and by which holds')
    .argument('<type=value...>', 'identifiers of the person')
    .addOption(allowValueOption())
    .action((identifiers: readonly string[], options: SharedOptions & Pick<HoldAddArguments, 'allowValue'>) =>
      run(options, (context) => holdCheckCommand(context, { ...options, identifiers })),
    );
  withSharedOptions(hold.command('remove'), 'expunge hold remove email=ada@example.com')
    .description('lift holds; "expunge resume" goes on with what they stopped')
    .argument('[type=value...]', 'the identifiers, as they were added')
    .option('--request <id>', 'the holds of this request, by all of its identifiers')
    .action((identifiers: readonly string[], options: SharedOptions & Pick<HoldAddArguments, 'request'>) =>
      run(options, (context) => holdRemoveCommand(context, { ...options, identifiers })),
    );
  withSharedOptions(hold.command('list'), 'expunge hold list')
    .description('since when, why, and how many open requests; the list names nobody')
    .action((options: SharedOptions) => run(options, (context) => holdListCommand(context, {})));
};

const longestReason = 1000;
const comparedLoosely = 'A hold compares it without letter case and blanks around it.';

/** The arguments of `expunge hold add`. */
interface HoldAddArguments {
  /** `type=value`, of one person. */
  readonly identifiers: readonly string[];
  /** The request whose person is meant. */
  readonly request?: string | undefined;
  /** Why, for a later reader of the list. */
  readonly reason: string;
  /** Values that would be refused or warned about, and are meant. */
  readonly allowValue?: readonly string[] | undefined;
}

/** `expunge hold add`: puts a person on hold. */
const holdAddCommand: Command<HoldAddArguments> = async (context, { identifiers, request, reason, allowValue }) => {
  const { heldPerson, textIssue } = await import('@expunge/engine');
  const issue = textIssue(reason, longestReason);
  if (issue !== undefined) throw new UserError(`The text of --reason ${issue}.`);
  requireSomebody(identifiers, request);
  const actor = await actorOf(context);
  const loaded = await loadConfig(context.processEnvironment, context.shared.config);
  const read = await loadForReading(context, loaded);
  const named = await parsePerson(context, read, identifiers, allowValue, comparedLoosely);
  const { report, setAside } = await withWritableLedger(context, loaded, async ({ ledger, clock }) => {
    const person = [...named, ...(request === undefined ? [] : await identifiersOf(ledger, request))];
    const held = heldPerson(read.connectors, person, allowEverythingOf(person));
    return {
      report: await ledger.addHold({ ...held, typesInUse: undefined }, reason, clock.now(), actor),
      setAside: (await readNotes(ledger)).setAside,
    };
  });
  const { isNew, requests, known } = report;
  const held = `${plural(requests, 'open request')} on hold, of ${countWords(known)} in the ledger`;
  context.print(isNew ? `On hold: ${held}; new ones will be too.\n` : `This person is on hold already: ${held}.\n`);
  if (known === 0) {
    context.messages.warn(
      'The ledger has no request of this person. If it should have one, look at the type and the value again: a hold finds people by them alone.',
    );
  }
  // Of whom nobody can tell whether this person is meant.
  for (const words of setAsideWords(setAside)) context.messages.warn(`${words}.`);
  context.printJson({ added: isNew, requestsHeld: requests, requestsKnown: known, setAside });
  return exitCodes.settled;
};

// They were looked at when they were given, or when the request came in.
function allowEverythingOf(person: readonly Identifier[]): readonly AllowedValue[] {
  return person.map(({ type }) => ({ type }));
}

async function identifiersOf(ledger: Ledger, id: string): Promise<readonly Identifier[]> {
  const found = await ledger.request(id, { identifiers: true });
  if (found === undefined) throw new UserError(`The ledger has no request ${id}.`);
  const { identifiers } = found;
  if (identifiers === undefined) {
    throw new UserError(
      'The identifiers of this request are erased, or their page does not open. Name the person by them: email=ada@example.com.',
    );
  }
  return identifiers;
}

/** `expunge hold check`: whether somebody would be on hold. Changes nothing. */
const holdCheckCommand: Command<Pick<HoldAddArguments, 'identifiers' | 'allowValue'>> = async (
  context,
  { identifiers, allowValue },
) => {
  const { holdsOf } = await import('@expunge/engine');
  const loaded = await loadConfig(context.processEnvironment, context.shared.config);
  const read = await loadForReading(context, loaded);
  const person = await parsePerson(context, read, identifiers, allowValue, comparedLoosely);
  const holds = await withLedger(context, loaded, (ledger) => holdsOf(ledger, read.connectors, person));
  context.print(
    holds.length === 0
      ? 'Not on hold: a request for this person would be sent.\n'
      : `On hold: a request for this person is not sent.\n\n${renderHolds(holds)}`,
  );
  context.printJson({ onHold: holds.length > 0, holds });
  return holds.length > 0 ? exitCodes.waiting : exitCodes.settled;
};

/** `expunge hold remove`: lifts holds. */
const holdRemoveCommand: Command<Pick<HoldAddArguments, 'identifiers' | 'request'>> = async (
  context,
  { identifiers, request },
) => {
  requireSomebody(identifiers, request);
  const actor = await actorOf(context);
  const loaded = await loadConfig(context.processEnvironment, context.shared.config);
  const named = identifiers.map(parseIdentifier);
  const { removed, missing, released } = await withWritableLedger(context, loaded, async ({ ledger, clock }) => {
    const counts = { removed: 0, missing: 0, released: 0 };
    const lift = async (identifier: Identifier) => {
      const requests = await ledger.removeHold(identifier, clock.now(), actor);
      if (requests !== undefined) counts.removed += 1;
      counts.released += requests ?? 0;
      return requests !== undefined;
    };
    for (const identifier of named) if (!(await lift(identifier))) counts.missing += 1;
    if (request !== undefined) for (const identifier of await identifiersOf(ledger, request)) await lift(identifier);
    return counts;
  });
  if (removed === 0)
    throw new UserError('There is no hold for this person. Type and value must be as they were added.');
  if (missing > 0) context.messages.warn(`There is no hold for ${countWords(missing)} of the identifiers.`);
  context.print(
    `${removed === 1 ? 'The hold is' : 'The holds are'} lifted. ${plural(released, 'open request')} no longer on hold: ${goesOn(loaded)} with them.\n`,
  );
  context.printJson({ removed: true, requestsReleased: released });
  return exitCodes.settled;
};

function requireSomebody(identifiers: readonly string[], request: string | undefined): void {
  if (identifiers.length > 0 || request !== undefined) return;
  throw new UserError('Say who is meant: identifiers such as email=ada@example.com, or --request and its id.');
}

/** `expunge hold list`: how many people are held, and why. The list knows fingerprints only, and names nobody. */
const holdListCommand: Command<object> = async (context) => {
  const loaded = await loadConfig(context.processEnvironment, context.shared.config);
  const holds = await withLedger(context, loaded, (ledger) => ledger.holds());
  context.print(holds.length === 0 ? 'Nobody is on hold.\n' : renderHolds(holds));
  context.printJson({ holds });
  return exitCodes.settled;
};

function renderHolds(holds: readonly Hold[]): string {
  return renderTable(
    [{ title: 'since' }, { title: 'by' }, { title: 'open requests', align: 'right' }, { title: 'reason' }],
    holds.map((hold) => [hold.addedAt.slice(0, 10), hold.identifierType, String(hold.requests), hold.reason]),
  );
}

function goesOn({ storage }: LoadedConfig): string {
  return storage.type === 'postgres' ? 'the workers go on' : '"expunge resume" goes on';
}
