import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { UserError } from '../user-error.ts';

/** The forms an input can have. */
export const inputFormats = ['csv', 'tsv', 'jsonl'] as const;

/** A form an input can have. */
export type InputFormat = (typeof inputFormats)[number];

/** An input that can be read more than once. */
export interface SubjectSource {
  /** What messages call it: the path as given, or `standard input`. */
  readonly name: string;
  /** Its form. */
  readonly format: InputFormat;
  /** Reads it from the beginning. */
  bytes(): AsyncIterable<Uint8Array>;
  /** Whether it is as it was when it was opened. */
  isUnchanged(): Promise<boolean>;
  /** Lets go of it. */
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
 * Opens an input for reading it twice: once to find every fault, once to take it in.
 *
 * @throws UserError where it can't be opened or its form is unknown.
 */
export async function openSubjects(options: OpenOptions): Promise<SubjectSource> {
  const isStandardInput = options.path === '-';
  const format = options.format ?? formatOf(options.path);
  if (isStandardInput) {
    return sourceOf(await spool(options.input), 'standard input', format);
  }
  const path = resolve(options.workingFolder, options.path);
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (error) {
    throw new UserError(`${options.path} can't be opened: ${whyNotOpened(error)}.`);
  }
  const stats = await file.stat();
  if (stats.isDirectory()) {
    await file.close();
    throw new UserError(`${options.path} is a folder. Name a CSV or JSON Lines file.`);
  }
  if (stats.isFile()) return sourceOf(file, options.path, format);
  // A pipe (`<(zcat people.csv.gz)`) can be read only once.
  try {
    return sourceOf(await spool(file.createReadStream({ autoClose: false })), options.path, format);
  } finally {
    await file.close();
  }
}

async function sourceOf(file: FileHandle, name: string, format: InputFormat): Promise<SubjectSource> {
  const before = await file.stat();
  return {
    name,
    format,
    bytes: () => readFromStart(file),
    async isUnchanged() {
      const now = await file.stat();
      return now.size === before.size && now.mtimeMs === before.mtimeMs;
    },
    close: () => file.close(),
  };
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
async function spool(input: AsyncIterable<unknown>): Promise<FileHandle> {
  const folder = await mkdtemp(join(tmpdir(), 'expunge-input-'));
  const file = await open(join(folder, 'input'), 'wx+', 0o600);
  await rm(folder, { recursive: true });
  try {
    for await (const chunk of input) {
      if (chunk instanceof Uint8Array) await file.write(chunk);
      else if (typeof chunk === 'string') await file.write(chunk);
    }
  } catch (error) {
    await file.close();
    throw error;
  }
  return file;
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

function whyNotOpened(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EACCES':
    case 'EPERM':
      return 'you may not read it';
    default:
      return `the system says ${typeof code === 'string' ? code : 'no'}`;
  }
}
