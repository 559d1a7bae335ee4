import { type InputIssue, UserError } from '../user-error.ts';
import type { KeyPath } from './key-lines.ts';

/** One thing that is wrong in the configuration. */
export interface ConfigIssue {
  /** Where: the keys down to it. */
  readonly path: KeyPath;
  /** What is wrong and what to do, without the value. */
  readonly message: string;
}

/** Makes the one error that names every wrong key of a configuration. */
export async function configError(
  configPath: string,
  issues: readonly ConfigIssue[],
  lineOf: (path: KeyPath) => Promise<number | undefined>,
): Promise<UserError> {
  const count = issues.length === 1 ? 'One thing is' : `${issues.length} things are`;
  const located = issues.map(
    async ({ path, message }): Promise<InputIssue> => ({ where: path.join('.'), line: await lineOf(path), message }),
  );
  return new UserError(`${count} wrong in ${configPath}:`, await Promise.all(located));
}
