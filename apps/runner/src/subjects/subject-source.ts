import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { UserError } from '../user-error.ts';

/** The forms an input can have. */
export const inputFormats = ['csv', 'tsv', 'jsonl'] as const;

/** A form an input can have. */
export type InputFormat = (typeof inputFormats)[number];

/**
 * An input that can be read more than once, and is the same each time: a private copy, which nobody else can change while
 * people are counted, confirmed and imported. The copy lies in the system's folder for temporary files (`TMPDIR`) and
 * takes as much space there as the input.
 */
export interface SubjectSource {
  /** What messages call it: the path as given, or `standard input`. */
  readonly name: string;
  /** Its form. */
  readonly format: InputFormat;
  /** The checksum of its bytes (SHA-256, hexadecimal): the same for the same list. */
  readonly checksum: string;
  /** Reads it from the beginning. */
  bytes(): AsyncIterable<Uint8Array>;
  /** Closes it and deletes the copy. */
  close(): Promise<void>;
}

/** How an input is opened. */
export interface OpenOptions {
  /** A path, or `-` for standard input. */
  readonly path: string;
  /** Its form, where the name does not tell or tells wrongly. */
  readonly format: InputFormat | undefined;
  /** Where relative paths start. */
  readonly workingFolder: string;
  /** Standard input. */
  readonly input: Readable;
}

/**
 * Opens an input for reading it twice: once to find every issue, once to import it.
 *
 * @throws UserError where it can't be opened or copied, changes meanwhile, or its form is unknown.
 */
export async function openSubjects(options: OpenOptions): Promise<SubjectSource> {
  const isStandardInput = options.path === '-';
  // The argument names a person then, so it is not printed.
  if (/^\w+=/.test(options.path) && !existsSync(resolve(options.workingFolder, options.path))) {
    throw new UserError('This is no file. One person is named with --subject: --subject user_id=42.');
  }
  const format = options.format ?? formatOf(options.path);
  if (isStandardInput) return sourceOf(await spool(options.input, 'standard input'), 'standard input', format);
  const path = resolve(options.workingFolder, options.path);
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (error) {
    throw new UserError(`${options.path} can't be opened: ${whyNotOpened(error)}.`);
  }
  try {
    return sourceOf(await spoolFile(file, options.path), options.path, format);
  } finally {
    await file.close();
  }
}

function sourceOf({ copy, checksum }: Spooled, name: string, format: InputFormat): SubjectSource {
  return { name, format, checksum, bytes: () => readFromStart(copy), close: () => copy.close() };
}

/** A private copy of an input. */
interface Spooled {
  readonly copy: FileHandle;
  readonly checksum: string;
}

async function spoolFile(file: FileHandle, name: string): Promise<Spooled> {
  const before = await file.stat();
  if (before.isDirectory()) throw new UserError(`${name} is a folder. Name a CSV or JSON Lines file.`);
  const spooled = await spool(file.createReadStream({ autoClose: false }), name);
  const after = await file.stat();
  // Half of an old list and half of a new one. A pipe (`<(zcat people.csv.gz)`) has no such times.
  if (before.isFile() && (after.size !== before.size || after.mtimeMs !== before.mtimeMs)) {
    await spooled.copy.close();
    throw new UserError(`${name} changed while it was read. Nothing was sent. Try again when it is complete.`);
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
    throw new UserError(
      `${name} can't be copied to ${tmpdir()}, where it is kept for as long as this runs: ${whyNotCopied(error)}. ` +
        'Nothing was sent. Make as much space there as the input takes, or name another folder with TMPDIR.',
    );
  }
}

function formatOf(path: string): InputFormat {
  switch (extname(path).toLowerCase()) {
    case '.csv':
      return 'csv';
    case '.tsv':
    case '.tab':
      return 'tsv';
    case '.jsonl':
    case '.ndjson':
      return 'jsonl';
    default:
      throw new UserError(
        path === '-'
          ? 'Say what comes in on standard input: --format csv, --format tsv or --format jsonl.'
          : `${path}: the name does not tell its form. Say --format csv, --format tsv or --format jsonl.`,
      );
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
