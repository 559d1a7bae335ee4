import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { runProgram } from '../src/program.ts';
import type { CommandEnd } from './expunge-process.ts';

const manifest: { readonly version: string } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../package.json'), 'utf8'),
);

/** Runs a command line to its end, in this process: everything that it sees of a process is given to it. */
export async function runInThisProcess(
  commandArguments: readonly string[],
  given: {
    readonly folder: string;
    readonly environment: Readonly<Record<string, string | undefined>>;
    readonly input: string | Uint8Array | undefined;
  },
): Promise<CommandEnd> {
  // Only Node itself reads them, when a process starts.
  const forNode = Object.keys(given.environment).find((name) => name.startsWith('NODE_'));
  if (forNode !== undefined) throw new Error(`${forNode} is for a process of its own: start() the command.`);
  const output = new Kept();
  const messages = new Kept();
  const code = await runProgram(commandArguments, manifest.version, {
    workingFolder: given.folder,
    userName: 'tester',
    environment: given.environment,
    input: Readable.from(given.input === undefined ? [] : [Buffer.from(given.input)]),
    output,
    messages,
    now: () => Date.now(),
    stopSignal: () => new AbortController().signal,
    removeAtExit: async () => () => undefined,
  });
  return { code, output: output.text, messages: messages.text };
}

class Kept extends Writable {
  readonly #pieces: Buffer[] = [];

  get text(): string {
    return Buffer.concat(this.#pieces).toString('utf8');
  }

  override _write(piece: Buffer, _encoding: string, done: () => void): void {
    this.#pieces.push(piece);
    done();
  }
}
