import { spawn } from 'node:child_process';

/** What came of a program. */
export interface TimedRun {
  /** From its start to its end, in milliseconds. */
  readonly ms: number;
  readonly output: string;
}

/** How a program is run. */
export interface TimedOptions {
  readonly folder: string;
  /** Nothing else of the surroundings than the search path. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Exit codes that are no failure. Default: 0. */
  readonly codes?: readonly number[];
  /** Asks it to stop after so long, in milliseconds. */
  readonly stopAfterMs?: number;
}

/**
 * Runs a program of Node by the clock.
 *
 * @throws Error with what it said, where it fails: a failed run is no measurement.
 */
export function runTimed(parameters: readonly string[], options: TimedOptions): Promise<TimedRun> {
  const { folder, environment = {}, codes = [0], stopAfterMs } = options;
  return new Promise((resolve, reject) => {
    const startedAt = process.hrtime.bigint();
    const child = spawn(process.execPath, parameters, {
      cwd: folder,
      env: { PATH: process.env.PATH, NO_COLOR: '1', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const stop = stopAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGTERM'), stopAfterMs);
    let output = '';
    let messages = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      messages += text;
    });
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(stop);
      const ms = Number(process.hrtime.bigint() - startedAt) / 1e6;
      if (code !== null && codes.includes(code)) resolve({ ms, output });
      else
        reject(new Error(`${parameters.slice(0, 3).join(' ')} ended with ${code ?? signal}:\n${messages || output}`));
    });
  });
}
