import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What is missing in a folder's `.gitignore`. */
export interface MissingInGitignore {
  /** The file. */
  readonly path: string;
  /** The lines that are missing. */
  readonly lines: readonly string[];
  /** The whole text with them. Undefined where the file is a link or none: nobody but its owner changes that. */
  readonly text: string | undefined;
}

/** The ledger with its key, its lock and SQLite's own files; reports with identifiers that a kill left half. */
const neverCommitted = ['expunge.db*', '.*.partial'];

/**
 * What keeps the ledger and its key out of a git repository: one `git add .` would publish both for ever.
 *
 * @returns undefined outside of a repository, and where nothing is missing.
 */
export function missingInGitignore(folder: string): MissingInGitignore | undefined {
  if (!isInRepository(folder)) return undefined;
  const path = join(folder, '.gitignore');
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there !== undefined && !there.isFile()) return { path, lines: neverCommitted, text: undefined };
  const text = there === undefined ? '' : readFileSync(path, 'utf8');
  const known = new Set(text.split(/\r?\n/).map((line) => line.trim().replace(/^\//, '')));
  const lines = neverCommitted.filter((line) => !known.has(line));
  if (lines.length === 0) return undefined;
  const before = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  return { path, lines, text: `${before}${lines.join('\n')}\n` };
}

function isInRepository(folder: string): boolean {
  // In a worktree and in a submodule `.git` is a file.
  if (existsSync(join(folder, '.git'))) return true;
  return dirname(folder) !== folder && isInRepository(dirname(folder));
}
