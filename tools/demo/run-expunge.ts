import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';

/** Runs the real command in a folder, with this terminal, and gives its exit code. */
export function runExpunge(
  mainPath: string,
  folder: string,
  environment: Readonly<Record<string, string>>,
  commandArguments: readonly string[],
  onStart: (end: () => void) => void,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [mainPath, ...commandArguments], {
      cwd: folder,
      env: { ...process.env, ...environment },
      stdio: 'inherit',
    });
    onStart(() => {
      if (child.exitCode === null) child.kill('SIGTERM');
    });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

/** A worker of the demo. */
export interface DemoWorker {
  /** Its name. */
  readonly name: string;
  /** Lets it drain; its exit code. */
  readonly drain: () => Promise<number>;
}

/** Starts a worker and waits until it takes work. What it says is printed line by line, under its name. */
export async function startWorker(
  mainPath: string,
  folder: string,
  environment: Readonly<Record<string, string>>,
  name: string,
  say: (line: string) => void,
): Promise<DemoWorker> {
  const child = spawn(process.execPath, [mainPath, 'work', '--name', name, '--health-port', '0'], {
    cwd: folder,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
  let health: string | undefined;
  createInterface({ input: child.stderr }).on('line', (line) => {
    health ??= /health: (http:\S+)\/readyz/.exec(line)?.[1];
    say(`  ${name}: ${line}`);
  });
  const worker: DemoWorker = {
    name,
    drain: () => {
      if (child.exitCode === null) child.kill('SIGTERM');
      return ended;
    },
  };
  for (;;) {
    if (child.exitCode !== null) throw new Error(`${name} ended before it was ready.`);
    if (health !== undefined && (await isReady(health))) return worker;
    await setTimeout(100);
  }
}

async function isReady(health: string): Promise<boolean> {
  return (await fetch(`${health}/readyz`).catch(() => undefined))?.ok === true;
}
