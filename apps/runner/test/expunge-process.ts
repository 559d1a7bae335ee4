import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInThisProcess } from './run-in-this-process.ts';

/** The built command. `turbo run build` makes it. */
export const mainPath = join(import.meta.dirname, '../dist/main.js');

/** The secrets that {@link sandboxConfig} refers to, as the sandbox accepts them. */
export const goodSecrets = {
  MIXPANEL_PROJECT_TOKEN: 'sandbox-project-token',
  MIXPANEL_OAUTH_TOKEN: 'sandbox-oauth-token',
  CLEVERTAP_PASSCODE: 'sandbox-passcode',
  ALTCRAFT_TOKEN: 'sandbox-token',
  SEGMENT_PUBLIC_API_TOKEN: 'sandbox-public-api-token',
};

/** How a command ended. */
export interface CommandEnd {
  readonly code: number | null;
  readonly output: string;
  readonly messages: string;
}

/** How a process ended. */
export interface ProcessEnd extends CommandEnd {
  readonly signal: NodeJS.Signals | null;
}

/** A process that is going on. */
export interface RunningProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<ProcessEnd>;
}

/** How a command is started. */
export interface StartOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** What comes in on standard input. */
  readonly input?: string | Uint8Array;
}

/** A folder with a configuration in it, from which the command is run. */
export interface Workplace {
  readonly folder: string;
  /** Puts a file there. */
  write(name: string, content: string | Uint8Array): void;
  /** Starts the built command as a process of its own: for what is about signals, kills, threads and Node's own doings. */
  start(commandArguments: readonly string[], options?: StartOptions): RunningProcess;
  /** Runs the command to its end, from its sources and in this process: it costs a tenth of a process. */
  run(commandArguments: readonly string[], options?: StartOptions): Promise<CommandEnd>;
  /** Ends what is left and removes the folder. */
  close(): Promise<void>;
}

/** Makes a folder in which the connectors of this workspace are installed. */
export function openWorkplace(): Workplace {
  if (!existsSync(mainPath)) throw new Error(`There is no ${mainPath}. Build first: pnpm build.`);
  const folder = mkdtempSync(join(tmpdir(), 'runner-process-'));
  symlinkSync(join(import.meta.dirname, '../node_modules'), join(folder, 'node_modules'), 'junction');
  const running = new Set<RunningProcess>();
  // Nothing of the surrounding environment, so that no real secret can get in.
  const environmentOf = ({ environment = {} }: StartOptions) => ({
    PATH: process.env.PATH,
    NO_COLOR: '1',
    ...goodSecrets,
    ...environment,
  });
  const start: Workplace['start'] = (commandArguments, options = {}) => {
    const child = spawn(process.execPath, [mainPath, ...commandArguments], {
      cwd: folder,
      env: environmentOf(options),
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const process_: RunningProcess = { child, ended: endOf(child) };
    running.add(process_);
    void process_.ended.then(() => running.delete(process_));
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input);
    return process_;
  };
  return {
    folder,
    write: (name, content) => writeFileSync(join(folder, name), content),
    start,
    run: (commandArguments, options = {}) =>
      runInThisProcess(commandArguments, { folder, environment: environmentOf(options), input: options.input }),
    async close() {
      for (const { child } of running) child.kill('SIGKILL');
      await Promise.all([...running].map(({ ended }) => ended));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function endOf(child: ChildProcess): Promise<ProcessEnd> {
  let output = '';
  let messages = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    messages += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, output, messages }));
  });
}
