import { CommanderError, Command as CommandLine } from 'commander';
import { addAudit } from './commands/audit.ts';
import { addCancel } from './commands/cancel.ts';
import { addCheck } from './commands/check.ts';
import { createContext } from './commands/command-context.ts';
import type { AddCommand } from './commands/command-line.ts';
import { addConnectors } from './commands/connectors.ts';
import { addDelete } from './commands/delete.ts';
import { addHold } from './commands/hold.ts';
import { addInit } from './commands/init.ts';
import { addLedger } from './commands/ledger.ts';
import { addPlan } from './commands/plan.ts';
import { addQueue } from './commands/queue.ts';
import { addReport } from './commands/report.ts';
import { addRestore } from './commands/restore.ts';
import { addResume } from './commands/resume.ts';
import { addStatus } from './commands/status.ts';
import { addWork } from './commands/work.ts';
import { describeFailure, type Failure, failureLines, failurePlaces } from './describe-failure.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { printJsonText, printLines } from './output/print.ts';
import { createRedact } from './output/redact.ts';
import type { ProcessEnvironment } from './process-environment.ts';

// In the order in which `--help` names them.
const commands: readonly AddCommand[] = [
  addInit,
  addCheck,
  addPlan,
  addDelete,
  addResume,
  addStatus,
  addCancel,
  addRestore,
  addReport,
  addWork,
  addQueue,
  addHold,
  addAudit,
  addLedger,
  addConnectors,
];

const exitCodeHelp = `
Exit codes of delete and resume: 0 all settled, 1 usage, configuration, input or ledger,
2 something failed for good, 3 something still waits, 4 a vendor does not accept the
credentials or an account is set up wrong, 5 people who may have asked again were not
sent. Where several hold: 4 before 2 before 5 before 3.`;

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
  processEnvironment: ProcessEnvironment,
): Promise<number> {
  try {
    return await parse(argv, version, processEnvironment);
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.settled;
    tellFailure(argv, processEnvironment, error);
    return exitCodes.usage;
  }
}

/** Says what went wrong: to people, and with `--json` to machines. Quotes nothing that may hold a person's data. */
export function tellFailure(argv: readonly string[], processEnvironment: ProcessEnvironment, error: unknown): void {
  const { messages } = createContext(processEnvironment, {});
  let failure: Failure;
  if (error instanceof CommanderError) {
    // commander has told people already.
    failure = { message: error.message.replace(/^error: /, ''), issues: [], moreIssues: 0 };
  } else {
    failure = describeFailure(error);
    messages.error(...failureLines(failure));
  }
  if (processEnvironment.environment.EXPUNGE_DEBUG === '1' && error instanceof Error) {
    printLines(processEnvironment.messages, `${[error.constructor.name, ...failurePlaces(error)].join('\n')}\n`);
  }
  if (argv.includes('--json')) {
    const document = JSON.stringify({ exitCode: exitCodes.usage, error: failure }, undefined, 2);
    printJsonText(processEnvironment.output, `${messages.redact(document)}\n`);
  }
}

async function parse(
  argv: readonly string[],
  version: string,
  processEnvironment: ProcessEnvironment,
): Promise<number> {
  let exitCode: number = exitCodes.settled;
  const redact = createRedact([]);
  const program = new CommandLine('expunge')
    .description('Deletes people from the SaaS tools their data went to, and proves it.')
    .version(version, '-v, --version', 'print the version')
    .helpCommand('help [command]', 'say more about a command')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => printLines(processEnvironment.output, text),
      writeErr: (text) => printLines(processEnvironment.messages, redact(text)),
    })
    .showHelpAfterError('Run it with --help to see what it takes.')
    .addHelpText('after', exitCodeHelp);
  addCommands(program, processEnvironment, (code) => {
    exitCode = code;
  });
  if (argv.length === 0) {
    program.outputHelp({ error: true });
    return exitCodes.usage;
  }
  await program.parseAsync(argv, { from: 'user' });
  return exitCode;
}

/** Adds every command to the command line. `end` is told the exit code. */
export function addCommands(
  program: CommandLine,
  processEnvironment: ProcessEnvironment,
  end: (code: ExitCode) => void,
): void {
  for (const add of commands) {
    add(program, async (options, action) => end(await action(createContext(processEnvironment, options))));
  }
}
