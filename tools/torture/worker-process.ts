import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';

// As if the machine's clock were an hour ahead.
const anHourAhead = `
  const { now } = Date;
  globalThis.Date = class extends Date {
    constructor(...given) {
      if (given.length === 0) super(now() + 3_600_000);
      else super(...given);
    }
    static now() { return now() + 3_600_000; }
  };`;

/** A worker that is killed and started again. */
export interface TorturedWorker {
  /** Kills it with SIGKILL, wherever it is, and starts it again. Whether it was alive. */
  killAndRestart(): Promise<boolean>;
  /** Starts it where it has ended. */
  start(): void;
  /** Lets it drain; its exit code. */
  drain(): Promise<number | undefined>;
  /** Ends by itself that nobody asked for, with their exit codes. */
  readonly ends: readonly number[];
}

/**
 * Makes a worker of a fleet, and starts it. What it says is written to `<name>.log` in the folder. `isClockWrong`: its own
 * clock is an hour ahead.
 */
export function torturedWorker(options: {
  readonly name: string;
  readonly mainPath: string;
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly isClockWrong: boolean;
}): TorturedWorker {
  const { name, mainPath, folder, environment, isClockWrong } = options;
  const preload = isClockWrong ? ['--import', `data:text/javascript,${encodeURIComponent(anHourAhead)}`] : [];
  const ends: number[] = [];
  let child: ChildProcess | undefined;
  let isAwaited = false;
  const isAlive = () => child !== undefined && child.exitCode === null && child.signalCode === null;
  const start = () => {
    if (isAlive()) return;
    isAwaited = false;
    const log = openSync(join(folder, `${name}.log`), 'a');
    const started = spawn(process.execPath, [...preload, mainPath, 'work', '--name', name, '--no-health'], {
      cwd: folder,
      // Where something unexpected ends it, its log says where that came from.
      env: { ...process.env, ...environment, EXPUNGE_DEBUG: '1' },
      stdio: ['ignore', 'ignore', log],
    });
    closeSync(log);
    started.once('exit', (code) => {
      if (!isAwaited && code !== null) ends.push(code);
    });
    child = started;
  };
  const end = (signal: 'SIGKILL' | 'SIGTERM') => {
    const ending = child;
    if (ending === undefined || !isAlive()) return Promise.resolve(undefined);
    isAwaited = true;
    return new Promise<number | undefined>((resolve) => {
      ending.once('exit', (code) => resolve(code ?? undefined));
      ending.kill(signal);
    });
  };
  start();
  return {
    ends,
    start,
    async killAndRestart() {
      const wasAlive = isAlive();
      await end('SIGKILL');
      start();
      return wasAlive;
    },
    drain: () => end('SIGTERM'),
  };
}
