import { type Fault, UserError } from '../user-error.ts';
import type { KeyPath } from './key-lines.ts';

/** One thing that is wrong in the configuration. */
export interface ConfigIssue {
  /** Where: the keys down to it. */
  readonly path: KeyPath;
  /** What is wrong and what to do, without the value. */
  readonly message: string;
}

/** Makes the one error that names every wrong key of a configuration. */
export function configError(
  configPath: string,
  issues: readonly ConfigIssue[],
  lineOf: (path: KeyPath) => number | undefined,
): UserError {
  const count = issues.length === 1 ? 'One thing is' : `${issues.length} things are`;
  return new UserError(
    `${count} wrong in ${configPath}:`,
    issues.map((issue): Fault => ({ where: issue.path.join('.'), line: lineOf(issue.path), message: issue.message })),
  );
}
