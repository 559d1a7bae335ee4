import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { Option } from 'commander';
import { configNames } from '../config/find-config.ts';
import { missingInGitignore } from '../config/ignored-by-git.ts';
import { installCommand } from '../config/install-command.ts';
import { starterConfig, starters, startersFor, starterVendors } from '../config/starter-config.ts';
import { type StarterStorage, storageStarters } from '../config/starter-storage.ts';
import { exitCodes } from '../exit-codes.ts';
import { writeOutputFile } from '../output/output-file.ts';
import { printable } from '../output/printable.ts';
import { UserError } from '../user-error.ts';
import type { Command, CommandContext, SharedOptions } from './command-context.ts';
import { type AddCommand, withSharedOptions } from './command-line.ts';

interface InitOptions extends SharedOptions {
  readonly ledger?: StarterStorage;
}

/** Adds `expunge init`. */
export const addInit: AddCommand = (program, run) => {
  withSharedOptions(program.command('init'), 'expunge init mixpanel-gdpr clevertap')
    .description('write a commented starter configuration')
    .argument('[vendors...]', `${starterVendors.join(', ')}, or one of their deletions; none: all`)
    .addOption(
      new Option('--ledger <storage>', 'a file, or PostgreSQL for several workers (default: sqlite)').choices([
        'sqlite',
        'postgres',
      ]),
    )
    .action((vendors: string[], options: InitOptions) =>
      run(options, (context) => initCommand(context, { vendors, ledger: options.ledger })),
    );
};

/** The arguments of `expunge init`. */
interface InitArguments {
  /** Vendors or deletions; none: all. */
  readonly vendors: readonly string[];
  /** Where the ledger is to be. Default: in a file. */
  readonly ledger?: StarterStorage | undefined;
}

/** `expunge init`: writes a commented starter configuration, and never over another one. */
const initCommand: Command<InitArguments> = async (context, given) => {
  const storage = given.ledger ?? 'sqlite';
  const unknown = given.vendors.filter((name) => startersFor(name).length === 0);
  if (unknown.length > 0) {
    const names = [...new Set(starters.flatMap(({ name, vendor }) => [vendor, name]))];
    throw new UserError(`There is no starter for ${unknown.join(', ')}. There are: ${names.join(', ')}.`);
  }
  const wanted = given.vendors.length === 0 ? starters : given.vendors.flatMap(startersFor);
  const chosen = starters.filter((starter) => wanted.includes(starter));
  const { workingFolder } = context.processEnvironment;
  const path = resolve(workingFolder, context.shared.config ?? 'expunge.config.yaml');
  if (!/\.ya?ml$/.test(path)) throw new UserError(`A starter is YAML. Name it .yaml, not ${basename(path)}.`);
  const folder = dirname(path);
  if (!existsSync(folder)) throw new UserError(`There is no folder ${folder}.`);
  const existing =
    context.shared.config === undefined ? configNames.find((name) => existsSync(join(folder, name))) : undefined;
  if (existing !== undefined)
    throw new UserError(`There is a configuration already: ${join(folder, existing)}. Nothing was written.`);
  const refusal = `There is a configuration already: ${path}. Nothing was written.`;
  const to = { what: 'The configuration', path, isPrivate: false, refusal };
  await writeOutputFile(context.processEnvironment, to, [starterConfig(chosen, storage)]);
  if (storage === 'sqlite') await keepOutOfGit(context, folder);
  const packages = [...new Set([...chosen.map((starter) => starter.package), ...storageStarters[storage].packages])];
  const environment = [
    ...new Set([...storageStarters[storage].environment, ...chosen.flatMap((starter) => starter.environment)]),
  ];
  const next = [
    installCommand(folder, packages.join(' ')),
    `open ${printable(basename(path))} and fill in regions and ids`,
    `set ${environment.join(', ')}`,
    'expunge check',
    ...(storage === 'postgres' ? ['expunge ledger migrate', 'expunge work, on as many machines as you like'] : []),
  ];
  if (context.shared.quiet !== true) {
    context.print(`Wrote ${printable(path)} with ${chosen.map(({ name }) => name).join(', ')}.\n\nNext:\n`);
    context.print(next.map((step, index) => `  ${index + 1}. ${step}\n`).join(''));
  }
  context.printJson({ config: path, connectors: chosen.map(({ name }) => name), packages, environment, next });
  return exitCodes.settled;
};

async function keepOutOfGit(context: CommandContext, folder: string): Promise<void> {
  const missing = missingInGitignore(folder);
  if (missing === undefined) return;
  const { path, lines, text } = missing;
  if (text === undefined) {
    context.messages.warn(`${path} is no file of its own. Put these lines where git ignores them: ${lines.join(' ')}`);
    return;
  }
  await writeOutputFile(context.processEnvironment, { what: 'The list for git', path, isPrivate: false }, [text]);
  context.messages.info(`${path} keeps the ledger and its key out of the repository.`);
}
