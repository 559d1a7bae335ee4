import { createHash } from 'node:crypto';
import { type FileHandle, mkdtemp, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { ListError } from './list-error.ts';
import { openPipe } from './open-pipe.ts';

/** A form that a list can have. */
export type ListFormat = 'csv' | 'tsv' | 'jsonl';

/**
 * A list that can be read more than once, and is the same each time: a private copy, which nobody else can change while
 * people are counted, confirmed and imported. The copy lies in the system's folder for temporary files (`TMPDIR`) and
 * takes as much space there as the input.
 */
export interface List {
  /** What messages call it: the path as given, or `standard input`. */
  readonly name: string;
  /** Its form. */
  readonly format: ListFormat;
  /** The checksum of its bytes (SHA-256, hexadecimal): the same for the same list. */
  readonly checksum: string;
  /** Reads it from the beginning. */
  bytes(): AsyncIterable<Uint8Array>;
  /** Closes it and deletes the copy. */
  close(): Promise<void>;
}

/** How a list is opened. */
export interface OpenListOptions {
  /** A path, or `-` for standard input. */
  readonly path: string;
  /** Its form, where the name does not tell or tells wrongly. */
  readonly format: ListFormat | undefined;
  /** Where relative paths start. */
  readonly workingFolder: string;
  /** Standard input. */
  readonly input: Readable;
}

/**
 * Opens a list for reading it twice: once to find every issue, once to import it.
 *
 * @throws ListError where it can't be opened or copied, changes meanwhile, or its form is unknown.
 */
export async function openList(options: OpenListOptions): Promise<List> {
  const isStandardInput = options.path === '-';
  const format = options.format ?? formatOf(options.path);
  if (isStandardInput) return listOf(await spool(options.input, 'standard input'), 'standard input', format);
  const path = resolve(options.workingFolder, options.path);
  let file: FileHandle;
  try {
    const there = await stat(path);
    if (there.isFIFO()) return listOf(await spool(openPipe(path), options.path), options.path, format);
    // Some have no end.
    if (there.isCharacterDevice())
      throw new ListError('not-opened', `${options.path} is a device. Name a file, or "-"`);
    file = await open(path, 'r');
  } catch (error) {
    if (error instanceof ListError) throw error;
    throw new ListError('not-opened', `${options.path} can't be opened: ${whyNotOpened(error)}`);
  }
  try {
    return listOf(await spoolFile(file, options.path), options.path, format);
  } finally {
    await file.close();
  }
}

function listOf({ copy, checksum }: Spooled, name: string, format: ListFormat): List {
  return { name, format, checksum, bytes: () => readFromStart(copy), close: () => copy.close() };
}

/** A private copy of an input. */
interface Spooled {
  readonly copy: FileHandle;
  readonly checksum: string;
}

async function spoolFile(file: FileHandle, name: string): Promise<Spooled> {
  const before = await file.stat();
  if (before.isDirectory()) throw new ListError('is-folder', `${name} is a folder. Name a CSV or JSON Lines file`);
  const spooled = await spool(file.createReadStream({ autoClose: false }), name);
  const after = await file.stat();
  // Half of an old list and half of a new one. A pipe (`<(zcat people.csv.gz)`) has no such times.
  if (before.isFile() && (after.size !== before.size || after.mtimeMs !== before.mtimeMs)) {
    await spooled.copy.close();
    throw new ListError('changed', `${name} changed while it was read. Try again when it is complete`);
  }
  return spooled;
}

async function* readFromStart(file: FileHandle): AsyncGenerator<Uint8Array> {
  const size = 1 << 16;
  for (let position = 0; ; ) {
    const { bytesRead, buffer } = await file.read({ buffer: Buffer.allocUnsafe(size), position });
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

// The file is for nobody else's eyes, and loses its name at once: whatever ends this process, nothing stays behind.
async function spool(input: AsyncIterable<unknown>, name: string): Promise<Spooled> {
  const checksum = createHash('sha256');
  const copy = await orNotCopied(name, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'expunge-input-'));
    const file = await open(join(folder, 'input'), 'wx+', 0o600);
    await rm(folder, { recursive: true });
    return file;
  });
  try {
    for await (const chunk of input) {
      if (!(chunk instanceof Uint8Array) && typeof chunk !== 'string') continue;
      checksum.update(chunk);
      // Unlike `write`, it goes on until all of it is written.
      await orNotCopied(name, () => copy.appendFile(chunk));
    }
  } catch (error) {
    await copy.close();
    throw error;
  }
  return { copy, checksum: checksum.digest('hex') };
}

async function orNotCopied<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw new ListError(
      'not-copied',
      `${name} can't be copied to ${tmpdir()}, where it is kept for as long as this runs: ${whyNotCopied(error)}. ` +
        'Make as much space there as the list takes, or name another folder with TMPDIR',
    );
  }
}

function formatOf(path: string): ListFormat {
  switch (extname(path).toLowerCase()) {
    case '.csv':
    case '.txt':
      return 'csv';
    case '.tsv':
    case '.tab':
      return 'tsv';
    case '.jsonl':
    case '.ndjson':
    case '.json':
      return 'jsonl';
    // What it is, its bytes tell.
    case '.gz':
    case '.xlsx':
    case '.xls':
    case '.zip':
      return 'csv';
    default:
      throw new ListError('form-unknown', `the name ${path} does not tell the form of the list`);
  }
}

function whyNotCopied(error: unknown): string {
  const code = codeOf(error);
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return 'the disk there is full';
    case 'EFBIG':
      return 'it is larger than a file may be there';
    case 'ENOENT':
      return 'there is no such folder';
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'you may not write there';
    default:
      return `the system says ${code ?? 'no'}`;
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function whyNotOpened(error: unknown): string {
  const code = codeOf(error);
  switch (code) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EACCES':
    case 'EPERM':
      return 'you may not read it';
    default:
      return `the system says ${code ?? 'no'}`;
  }
}
