import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { UserError } from '../user-error.ts';

/** The names under which a configuration is looked for. */
export const configNames = ['ts', 'mts', 'js', 'mjs', 'json', 'yaml', 'yml'].map(
  (ending) => `expunge.config.${ending}`,
);

/**
 * Finds the configuration.
 *
 * @param workingFolder - Where it is looked for.
 * @param named - The path of `--config`, where given.
 * @returns Its absolute path.
 * @throws UserError where there is none, or more than one.
 */
export function findConfig(workingFolder: string, named: string | undefined): string {
  if (named !== undefined) {
    const path = resolve(workingFolder, named);
    if (!existsSync(path)) throw new UserError(`There is no configuration at ${path}.`);
    if (!statSync(path).isFile()) throw new UserError(`The configuration ${path} is not a file.`);
    return path;
  }
  const found = configNames.filter((name) => existsSync(join(workingFolder, name)));
  const [first, ...others] = found;
  if (first === undefined) {
    throw new UserError(
      `There is no expunge.config.yaml (or .ts, .js, .json) in ${workingFolder}. Write one with "expunge init", or name yours with --config.`,
    );
  }
  if (others.length > 0) {
    throw new UserError(
      `There are several configurations here: ${found.join(', ')}. Keep one, or name one with --config.`,
    );
  }
  return join(workingFolder, first);
}
