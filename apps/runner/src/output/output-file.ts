import { randomBytes } from 'node:crypto';
import { createWriteStream, existsSync, type Stats, statSync } from 'node:fs';
import { link, lstat, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ProcessEnvironment } from '../process-environment.ts';
import { UserError } from '../user-error.ts';

/** A file that a command writes. */
export interface OutputFile {
  /** What messages call it: `The report`. */
  readonly what: string;
  /** Its absolute path. */
  readonly path: string;
  /** Only its owner may read it. For everything that names people, holds a key, or may. */
  readonly isPrivate: boolean;
  /** What is said where a file of that name is there already. Undefined: the new one takes its place. */
  readonly refusal?: string | undefined;
}

/**
 * Checks where a file is to go, before anything else is done.
 *
 * @throws UserError where it can not go there.
 */
export async function checkOutputPath({ what, path, refusal }: Omit<OutputFile, 'isPrivate'>): Promise<void> {
  const folder = dirname(path);
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw new UserError(`${what} can't go to ${path}: there is no folder ${folder}.`);
  }
  const there = await statOf(path);
  if (there === undefined) return;
  // Whoever put the link there would choose what is overwritten, and who may read it.
  if (there.isSymbolicLink()) {
    throw new UserError(
      `${what} can't go to ${path}: that is a symbolic link, and links are not followed. Name the file itself.`,
    );
  }
  if (refusal !== undefined) throw new UserError(refusal);
  if (!there.isFile()) throw new UserError(`${what} can't go to ${path}: that is no file.`);
}

/**
 * Writes a file, whole or not at all. Every file that a command leaves is written here.
 *
 * It is written under a random name in the same folder, which nobody can have prepared, flushed to the disk, and then
 * renamed. Whatever ends the command before, the unfinished file is removed; only a kill that no process sees leaves it.
 *
 * @throws UserError where it can't be written.
 */
export async function writeOutputFile(
  { removeAtExit }: Pick<ProcessEnvironment, 'removeAtExit'>,
  file: OutputFile,
  pieces: Iterable<string> | AsyncIterable<string>,
): Promise<void> {
  const { what, path, isPrivate, refusal } = file;
  await checkOutputPath(file);
  const partial = join(dirname(path), `.${basename(path)}.${randomBytes(9).toString('hex')}.partial`);
  const keep = await removeAtExit(partial);
  try {
    const mode = isPrivate ? 0o600 : 0o644;
    await pipeline(Readable.from(pieces), createWriteStream(partial, { flags: 'wx', mode, flush: true }));
    if (refusal === undefined) await rename(partial, path);
    else await putNew(partial, path);
    await syncFolder(dirname(path));
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EEXIST' && refusal !== undefined) throw new UserError(refusal);
    if (code === undefined || !/^E[A-Z0-9]+$/.test(code)) throw error;
    throw new UserError(`${what} can't be written to ${path}: the system says ${code}.`);
  } finally {
    await rm(partial, { force: true });
    keep();
  }
}

/** Gives a file its name, unless another one has it. */
async function putNew(partial: string, path: string): Promise<void> {
  try {
    await link(partial, path);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw error;
    // Some file systems have no hard links.
    if ((await statOf(path)) !== undefined) throw Object.assign(new Error('It is there.'), { code: 'EEXIST' });
    await rename(partial, path);
  }
}

// A name is there after a power cut only when its folder is on the disk. Windows does it by itself.
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
