#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { exitCodes } from './exit-codes.ts';
import { isHangupIgnored } from './ignored-hangup.ts';
import type { ProcessEnvironment } from './process-environment.ts';
import { isForThread, runInThread } from './run-in-thread.ts';
import { createUnfinishedFiles } from './unfinished-files.ts';
import { systemUserName } from './user-name.ts';

// Together with the two ends of a command's thread, the only file that touches the process.

const argv = process.argv.slice(2);
const unfinishedFiles = createUnfinishedFiles();

// Node 22 calls its SQLite experimental each time. It was chosen with that in mind, and nobody who runs this can act on it.
process.removeAllListeners('warning');
process.on('warning', ({ name, message }) => {
  if (name !== 'ExperimentalWarning' || !message.includes('SQLite')) process.stderr.write(`${name}: ${message}\n`);
});

if (!isMainThread && parentPort !== null) {
  const { threadEnvironment } = await import('./thread-environment.ts');
  await runHere(threadEnvironment(parentPort, workerData));
} else {
  process.on('exit', () => unfinishedFiles.remove());
  // Messages that reach nobody, for a pipe that was closed or a full disk, end nothing.
  process.stderr.on('error', () => undefined);
  if (isForThread(argv)) await runThere();
  else {
    endWithOutput();
    await runHere(ownEnvironment());
  }
}

/** What a command prints is all that it is for: it ends when nobody reads on, as in `expunge report | head`. */
function endWithOutput(): void {
  process.stdout.on('error', (error: Error) => {
    if ('code' in error && error.code === 'EPIPE') process.exit(0);
    throw error;
  });
}

/** Runs the command in a thread of its own. */
async function runThere(): Promise<void> {
  const thread = runInThread(new URL(import.meta.url), argv, unfinishedFiles);
  onSignals(() => thread.stop());
  await end(await thread.ended);
}

/** Runs the command in this thread. */
async function runHere(processEnvironment: ProcessEnvironment): Promise<void> {
  const { runProgram, tellFailure } = await import('./program.ts');
  // Node prints an error that nobody caught with its message, which may hold a person's data. What was committed stays.
  process.on('uncaughtException', (error: unknown) => {
    tellFailure(argv, processEnvironment, error);
    process.exit(exitCodes.usage);
  });
  const manifest: { readonly version: string } = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  );
  await end(await runProgram(argv, manifest.version, processEnvironment));
}

function ownEnvironment(): ProcessEnvironment {
  const stop = new AbortController();
  let stopsGracefully = false;
  onSignals(() => {
    if (stopsGracefully) stop.abort();
    return stopsGracefully;
  });
  return {
    workingFolder: process.cwd(),
    environment: process.env,
    userName: systemUserName(),
    input: process.stdin,
    output: process.stdout,
    messages: process.stderr,
    now: () => Date.now(),
    stopSignal: () => {
      stopsGracefully = true;
      return stop.signal;
    },
    removeAtExit: async (path) => unfinishedFiles.add(path),
  };
}

/** The first signal asks to stop, where that is possible; the next one ends the process. */
function onSignals(stop: () => boolean): void {
  let isStopping = false;
  for (const [signal, exitCode] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    if (signal === 'SIGHUP' && isHangupIgnored()) continue;
    process.on(signal, () => {
      if (isStopping || !stop()) process.exit(exitCode);
      isStopping = true;
    });
  }
}

// Idle connections to vendors would hold the process for some seconds; what was printed goes out first.
async function end(exitCode: number): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) {
    await new Promise<void>((resolve) => stream.write('', () => resolve()));
  }
  process.exit(exitCode);
}
