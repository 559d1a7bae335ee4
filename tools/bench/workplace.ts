import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BenchConnector, benchConnectors, type ConnectorChoice } from './bench-connectors.ts';
import { writeAsJavaScript } from './load-into-command.ts';
import { runTimed, type TimedOptions, type TimedRun } from './run-timed.ts';

/** The root of this repository. */
export const root = fileURLToPath(new URL('../..', import.meta.url));
/** The built command. */
export const expungePath = join(root, 'apps/runner/dist/main.js');
/** A folder with a configuration, in which the command is run. */
export interface Workplace {
  readonly folder: string;
  /** The environment that its configuration refers to. */
  readonly environment: Readonly<Record<string, string>>;
  path(name: string): string;
  /** Runs the command by the clock. */
  expunge(
    commandArguments: readonly string[],
    options?: Omit<TimedOptions, 'folder'> & { readonly nodeArguments?: readonly string[] },
  ): Promise<TimedRun>;
  /** Removes the ledger with its key and companions. */
  forget(): void;
}

/**
 * Makes a folder below `scratch` in which connectors are configured for one vendor's address. `ledger` is as in a
 * configuration; a file in the folder unless told.
 */
export function openWorkplace(
  scratch: string,
  name: string,
  url: string,
  choices: readonly (BenchConnector | ConnectorChoice)[],
  ledger?: object,
): Workplace {
  if (!existsSync(expungePath)) throw new Error(`There is no ${expungePath}. Build first: pnpm build.`);
  const folder = join(scratch, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  // Connectors are found from the configuration's own folder, as everywhere.
  symlinkSync(join(root, 'apps/runner/node_modules'), join(folder, 'node_modules'), 'junction');
  writeAsJavaScript('lifted-limits', folder);
  const { config, environment } = benchConnectors(url, choices, ledger);
  writeFileSync(join(folder, 'expunge.config.json'), JSON.stringify(config, undefined, 2));
  const path = (file: string) => join(folder, file);
  return {
    folder,
    environment,
    path,
    expunge: (commandArguments, { nodeArguments = [], ...options } = {}) =>
      runTimed([...nodeArguments, expungePath, ...commandArguments], {
        folder,
        ...options,
        environment: { ...environment, ...options.environment },
      }),
    forget() {
      for (const ending of ['', '-wal', '-shm', '.key', '.lock']) rmSync(path(`ledger.db${ending}`), { force: true });
    },
  };
}
