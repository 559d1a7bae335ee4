#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { exitCodes } from './exit-codes.ts';
import { runProgram, tellFailure } from './program.ts';
import type { Surroundings } from './surroundings.ts';

// The only file that touches the process.

const stop = new AbortController();
let stopsGracefully = false;

function onSignal(signal: 'SIGINT' | 'SIGTERM', exitCode: number): void {
  process.on(signal, () => {
    if (!stopsGracefully || stop.signal.aborted) process.exit(exitCode);
    stop.abort();
  });
}
onSignal('SIGINT', 130);
onSignal('SIGTERM', 143);

// Node 22 calls its SQLite experimental each time. It was chosen with that in mind, and nobody who runs this can act on it.
process.removeAllListeners('warning');
process.on('warning', ({ name, message }) => {
  if (name !== 'ExperimentalWarning' || !message.includes('SQLite')) process.stderr.write(`${name}: ${message}\n`);
});

// `expunge report | head` closes the pipe early: that is an end like any other.
process.stdout.on('error', (error: Error) => {
  if ('code' in error && error.code === 'EPIPE') process.exit(0);
  throw error;
});

const manifest: { readonly version: string } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
);

const argv = process.argv.slice(2);
const surroundings: Surroundings = {
  workingFolder: process.cwd(),
  environment: process.env,
  input: process.stdin,
  output: process.stdout,
  messages: process.stderr,
  now: () => Date.now(),
  stopSignal: () => {
    stopsGracefully = true;
    return stop.signal;
  },
};

// Node prints an error that nobody caught with its message, which may hold a person's data. What was committed stays.
process.on('uncaughtException', (error: unknown) => {
  tellFailure(argv, surroundings, error);
  process.exit(exitCodes.usage);
});

const exitCode = await runProgram(argv, manifest.version, surroundings);

// Idle connections to vendors would hold the process for some seconds; what was printed goes out first.
for (const stream of [process.stdout, process.stderr]) {
  await new Promise<void>((resolve) => stream.write('', () => resolve()));
}
process.exit(exitCode);
