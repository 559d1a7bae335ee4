import { CommanderError, Command as CommandLine } from 'commander';
import { addCommands } from './command-lines.ts';
import { createContext } from './commands/command-context.ts';
import { describeFailure, type Failure, failureLines, failurePlaces } from './describe-failure.ts';
import { exitCodes } from './exit-codes.ts';
import { createRedact } from './output/redact.ts';
import type { Surroundings } from './surroundings.ts';

const exitCodeHelp = `
Exit codes of delete and resume: 0 all settled, 1 usage, configuration, input or ledger,
2 something failed for good, 3 something still waits, 4 a vendor does not accept the
credentials or an account is set up wrong. Where several hold: 4 before 2 before 3.`;

/**
 * Runs one command line.
 *
 * @param argv - The arguments, without node and the script.
 * @param version - What `--version` prints.
 * @returns The exit code.
 */
export async function runProgram(
  argv: readonly string[],
  version: string,
  surroundings: Surroundings,
): Promise<number> {
  try {
    return await parse(argv, version, surroundings);
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.settled;
    tellFailure(argv, surroundings, error);
    return exitCodes.usage;
  }
}

/** Says what went wrong: to people, and with `--json` to machines. Quotes nothing that may hold a person's data. */
export function tellFailure(argv: readonly string[], surroundings: Surroundings, error: unknown): void {
  const { messages } = createContext(surroundings, {});
  let failure: Failure;
  if (error instanceof CommanderError) {
    // commander has told people already.
    failure = { message: error.message.replace(/^error: /, ''), faults: [], moreFaults: 0 };
  } else {
    failure = describeFailure(error);
    messages.error(failureLines(failure).join('\n'));
  }
  if (surroundings.environment.EXPUNGE_DEBUG === '1' && error instanceof Error) {
    surroundings.messages.write(`${[error.constructor.name, ...failurePlaces(error)].join('\n')}\n`);
  }
  if (argv.includes('--json')) {
    const document = JSON.stringify({ exitCode: exitCodes.usage, error: failure }, undefined, 2);
    surroundings.output.write(`${messages.redact(document)}\n`);
  }
}

async function parse(argv: readonly string[], version: string, surroundings: Surroundings): Promise<number> {
  let exitCode: number = exitCodes.settled;
  const redact = createRedact([]);
  const program = new CommandLine('expunge')
    .description('Deletes people from the SaaS tools their data went to, and proves it.')
    .version(version, '-v, --version', 'print the version')
    .helpCommand('help [command]', 'say more about a command')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => surroundings.output.write(text),
      writeErr: (text) => surroundings.messages.write(redact(text)),
    })
    .showHelpAfterError('Run it with --help to see what it takes.')
    .addHelpText('after', exitCodeHelp);
  addCommands(program, surroundings, (code) => {
    exitCode = code;
  });
  if (argv.length === 0) {
    program.outputHelp({ error: true });
    return exitCodes.usage;
  }
  await program.parseAsync(argv, { from: 'user' });
  return exitCode;
}
