import { writeSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { Worker } from 'node:worker_threads';
import { exitCodes } from './exit-codes.ts';
import { type FromThread, sizeOf, type ThreadStart, type ToThread } from './thread-messages.ts';
import type { UnfinishedFiles } from './unfinished-files.ts';

// V8 lets garbage lie as the machine's memory allows: on a large one some 300 MB, of which a tenth is in use. For a thread it
// can be told, and that is the one way to tell it that Node documents for a program that is not started with options.
const resourceLimits = {
  maxYoungGenerationSizeMb: 8,
  // No more than a bound that nobody should meet: it also decides how much garbage is worth a collection.
  maxOldGenerationSizeMb: 2000,
};

/** Commands that work on lists of any length, or for as long as the machine is up. */
const longCommands = new Set(['delete', 'resume', 'work']);

/** Whether this command line is for a thread of its own. */
export function isForThread(argv: readonly string[]): boolean {
  return longCommands.has(argv[0] ?? '');
}

/** A command in a thread of its own. */
export interface CommandThread {
  /** Asks it to stop. Returns whether it does so by itself. */
  stop(): boolean;
  /** Its exit code, when everything that it printed has gone on to the process's own streams. */
  readonly ended: Promise<number>;
}

/** Runs a command line in a thread with a bounded memory. The terminal, its signals and standard input stay here. */
export function runInThread(mainModule: URL, argv: readonly string[], unfinishedFiles: UnfinishedFiles): CommandThread {
  const { stdin, stdout, stderr } = process;
  const start: ThreadStart = { hasInputTerminal: stdin.isTTY, output: sizeOf(stdout), messages: sizeOf(stderr) };
  const worker = new Worker(mainModule, {
    argv: [...argv],
    workerData: start,
    resourceLimits,
    stdout: true,
    stderr: true,
  });
  const tell = (message: ToThread) => worker.postMessage(message);
  passOn(worker.stdout, stdout);
  passOn(worker.stderr, stderr);
  const onResize = () => tell({ type: 'resized', output: sizeOf(stdout), messages: sizeOf(stderr) });
  stdout.on('resize', onResize);
  stderr.on('resize', onResize);
  // A bar hides the cursor; a thread that is ended in the middle can't bring it back.
  if (stderr.isTTY) process.on('exit', () => writeSync(stderr.fd, '\u001B[?25h'));

  let stopsGracefully = false;
  let readsInput = false;
  // A thread that is ended in the middle of a file can't remove it.
  const letGo = new Map<string, () => void>();
  const readInput = () => {
    if (!readsInput) {
      readsInput = true;
      stdin.on('data', (piece: Uint8Array) => {
        stdin.pause();
        tell({ type: 'input', piece });
      });
      stdin.on('end', () => tell({ type: 'input', piece: undefined }));
      stdin.on('error', (error) => {
        tell({ type: 'input-broken', code: 'code' in error && typeof error.code === 'string' ? error.code : 'EIO' });
      });
    }
    stdin.resume();
  };
  worker.on('message', (message: FromThread) => {
    switch (message.type) {
      case 'stops-gracefully':
        stopsGracefully = true;
        return;
      case 'wants-input':
        readInput();
        return;
      case 'begins-file':
        letGo.set(message.path, unfinishedFiles.add(message.path));
        tell({ type: 'file-known', path: message.path });
        return;
      case 'ended-file':
        letGo.get(message.path)?.();
        letGo.delete(message.path);
    }
  });

  const ended = new Promise<number>((resolve) => {
    worker.on('error', (error) => {
      const isOutOfMemory = 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      const what = isOutOfMemory
        ? `This took more than ${resourceLimits.maxOldGenerationSizeMb} MB of memory`
        : 'The thread of the command broke';
      stderr.write(`${what}, and was ended. What was done is in the ledger; the same command goes on.\n`);
      resolve(exitCodes.usage);
    });
    worker.on('exit', resolve);
  });
  return {
    stop() {
      if (stopsGracefully) tell({ type: 'stop' });
      return stopsGracefully;
    },
    ended: ended.then(async (code) => {
      await Promise.allSettled([finished(worker.stdout), finished(worker.stderr)]);
      return code;
    }),
  };
}

// A run that deletes people does not end because nobody reads what it says (`expunge delete people.csv 2>&1 | head -1`), or because
// the disk of its log is full: how it stands is in the ledger.
function passOn(from: Readable, to: NodeJS.WriteStream): void {
  from.on('data', (piece: Uint8Array) => {
    if (!to.write(piece)) from.pause();
  });
  to.on('drain', () => from.resume());
  // What it could not take is lost. The next piece is tried again: a disk may have space by then.
  to.on('error', () => from.resume());
}
