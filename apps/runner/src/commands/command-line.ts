import { type Command as CommandLine, InvalidArgumentError, Option } from 'commander';
import type { ExitCode } from '../exit-codes.ts';
import { parseDuration } from '../output/durations.ts';
import type { CommandContext, SharedOptions } from './command-context.ts';

// Every command line loads the definitions of all commands, for `--help`. So a command's file imports what is light, and
// what is heavy (the engine, zod, the readers of lists) is imported by the function that uses it.

/** Runs a command with the context that its options ask for, and keeps its exit code. */
export type RunCommand = (
  options: SharedOptions,
  action: (context: CommandContext) => Promise<ExitCode>,
) => Promise<void>;

/** Adds one command, or a group of them, to the command line: name, arguments, options, help and action. */
export type AddCommand = (parent: CommandLine, run: RunCommand) => void;

/** Adds the options that every command takes, and an example of it. */
export function withSharedOptions(command: CommandLine, example: string): CommandLine {
  return command
    .option('-c, --config <path>', 'the configuration (default: expunge.config.yaml, .json, .ts or .js here)')
    .option('--json', 'one JSON document on standard output, and nothing else there')
    .option('-q, --quiet', 'warnings and errors only')
    .option(
      '--actor <name>',
      "who gives the command, for the audit log (default: EXPUNGE_ACTOR, else the system's user)",
    )
    .addHelpText('after', `\nExample:\n  $ ${example}`);
}

/** Adds the option of the commands that wait. */
export function withWaitOption(command: CommandLine): CommandLine {
  return command.addOption(
    new Option(
      '--wait <duration>',
      'how long to wait for the next thing to become due: 30s, 10m, 1h, all (default: 30s)',
    ).argParser(toDuration),
  );
}

/** Adds the argument and the options that say who is to be deleted. */
export function withSubjectOptions(command: CommandLine): CommandLine {
  return command
    .argument('[subjects]', 'a CSV (.csv, .tsv) or JSON Lines (.jsonl, .ndjson) file, or - for standard input')
    .option('-s, --subject <type=value>', 'one person instead of a file; repeat it for more identifiers', collect)
    .addOption(
      new Option('--format <format>', 'what the input is, where its name does not tell').choices([
        'csv',
        'tsv',
        'jsonl',
      ]),
    )
    .option('--delimiter <character>', 'what separates the cells of a CSV (default: a comma)')
    .option(
      '--ignore-column <name>',
      'accept a column that no connector uses, and do not read it; may be repeated',
      collect,
      [],
    )
    .addOption(allowValueOption())
    .option('--skip-invalid', 'go on without the rows that are wrong; nobody on them is deleted')
    .addHelpText(
      'after',
      '\nA header row (or the keys of JSON Lines) names identifier types: user_id, email, ... Also known: request_id,\nreceived_at, due_at, law. On a command line, other users of the machine can see --subject.',
    );
}

/** The option that takes a value which would be refused as nobody's. */
export function allowValueOption(): Option {
  return new Option(
    '--allow-value <type=value>',
    "take a value that looks like nobody's: user_id=guest, or user_id for all of that column; may be repeated",
  )
    .argParser(collect)
    .default([], 'none');
}

/** Keeps every value of an option that may be repeated. */
export function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}

function toDuration(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new InvalidArgumentError('Write 30s, 10m, 1h, 2d or all.');
  return ms;
}
