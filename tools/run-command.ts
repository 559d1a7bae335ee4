import { type ChildProcess, spawn } from 'node:child_process';

/** What came of a command. */
export interface CommandResult {
  /** 127 where the command could not be started, 128 where a signal ended it. */
  readonly exitCode: number;
  /** What it wrote to both its outputs, in the order in which it arrived. */
  readonly output: string;
}

const running = new Set<ChildProcess>();

/** Runs one command without a terminal or standard input, and keeps what it writes. */
export function runCommand(
  command: string,
  parameters: readonly string[],
  options: {
    readonly folder: string;
    readonly environment: NodeJS.ProcessEnv;
    /** Ends the command, with its children, when it takes longer. Default: it may take as long as it likes. */
    readonly timeoutMs?: number;
  },
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const child = spawn(command, parameters, {
      cwd: options.folder,
      env: options.environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, so that stopping reaches the children of its children too.
      detached: true,
    });
    running.add(child);
    const timeout =
      options.timeoutMs === undefined ? undefined : setTimeout(() => stop(child, 'SIGKILL'), options.timeoutMs);
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', (error) => {
      clearTimeout(timeout);
      running.delete(child);
      resolve({ exitCode: 127, output: `${command} could not be started: ${error.message}\n` });
    });
    child.on('close', (code) => {
      clearTimeout(timeout);
      running.delete(child);
      resolve({ exitCode: code ?? 128, output: Buffer.concat(chunks).toString('utf8') });
    });
  });
}

/** Ends the commands that run at the moment, with all their children. Harmless where none runs. */
export function stopRunningCommands(signal: NodeJS.Signals): void {
  for (const child of running) stop(child, signal);
}

function stop({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // It ended by itself between the question and the signal.
  }
}
