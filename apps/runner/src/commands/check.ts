import type { ConnectorErrorCode } from '@expunge/core';
import type { ConnectorAccess } from '@expunge/engine';
import { exposedSecrets } from '../config/exposed-secrets.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { printable } from '../output/printable.ts';
import type { CommandContext, SharedOptions } from './command-context.ts';
import { type AddCommand, withSharedOptions } from './command-line.ts';
import { loadEverything } from './load-everything.ts';
import { withEngineInMemory } from './open-engine.ts';

/** Adds `expunge check`. */
export const addCheck: AddCommand = (program, run) => {
  withSharedOptions(program.command('check'), 'expunge check')
    .description('check configuration, connectors and access at every vendor; deletes nothing')
    .addHelpText(
      'after',
      '\nExit codes: 0 access everywhere, 1 configuration, 3 a vendor could not be asked, 4 a vendor refuses.',
    )
    .action((options: SharedOptions) => run(options, checkCommand));
};

const refusals: ReadonlySet<ConnectorErrorCode> = new Set([
  'credentials-rejected',
  'answer-contradictory',
  'permission-missing',
  'setup-wrong',
  // A check of access is the same call for everybody, so a refusal of it is one of the set-up.
  'request-rejected',
]);

/** `expunge check`: configuration, connectors and access at every vendor. Deletes nothing. */
const checkCommand = async (context: CommandContext): Promise<ExitCode> => {
  const setup = await loadEverything(context);
  for (const { path, message } of exposedSecrets(setup.loaded)) context.messages.warn(`${path.join('.')}: ${message}`);
  context.messages.info(
    `${setup.loaded.path} is in order. Asking ${setup.connectors.map(({ name }) => name).join(', ')}.`,
  );
  const results = await withEngineInMemory(setup, (engine) =>
    engine.checkAccess({ signal: context.processEnvironment.stopSignal() }),
  );
  const exitCode = judge(results);
  context.print(results.map((result) => render(context, result)).join('\n'));
  context.printJson({ exitCode, connectors: results });
  return exitCode;
};

function judge(results: readonly ConnectorAccess[]): ExitCode {
  const errors = results.flatMap(({ error }) => error ?? []);
  if (errors.some(({ code }) => refusals.has(code))) return exitCodes.paused;
  return errors.length > 0 ? exitCodes.waiting : exitCodes.settled;
}

function render(context: CommandContext, { connector, report, error }: ConnectorAccess): string {
  const { colors } = context;
  if (error !== undefined)
    return `${colors.red('x')} ${colors.bold(connector)}  ${error.code}\n    ${printable(error.message)}\n`;
  const proven = (report?.proven ?? []).map((sentence) => `    ${colors.green('proven')}    ${printable(sentence)}\n`);
  const unproven = (report?.unproven ?? []).map(
    (sentence) => `    ${colors.yellow('unproven')}  ${printable(sentence)}\n`,
  );
  return `${colors.green('+')} ${colors.bold(connector)}\n${proven.join('')}${unproven.join('')}`;
}
