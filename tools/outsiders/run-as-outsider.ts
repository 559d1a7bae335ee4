import { type CommandResult, runCommand } from '../run-command.ts';

const longestMs = 10 * 60_000;

/** Runs a command in a folder as somebody would who knows nothing of this workspace; fails where the command fails. */
export async function runAsOutsider(command: string, parameters: readonly string[], folder: string): Promise<string> {
  const { exitCode, output } = await tryAsOutsider(command, parameters, folder);
  if (exitCode !== 0) throw new Error(`${command} ${parameters.join(' ')} ended with ${exitCode}:\n${output}`);
  return output;
}

/** The same, where the exit code is part of the answer. */
export function tryAsOutsider(
  command: string,
  parameters: readonly string[],
  folder: string,
  environment: NodeJS.ProcessEnv = {},
): Promise<CommandResult> {
  return runCommand(command, parameters, {
    folder,
    environment: { ...outsideEnvironment(), ...environment },
    timeoutMs: longestMs,
  });
}

// What the test runner, the package manager and npx tell the processes that they start is not true out there.
const ofThisRun = [
  /^(VITEST|TEST$|NODE_ENV$|NODE_OPTIONS$|NODE_PATH$|INIT_CWD$|PNPM_SCRIPT)/,
  /^npm_(package|lifecycle|command)/i,
  /^npm_config_(call|package|yes|workspace|recursive|frozen_lockfile|silent|loglevel|prefix|local_prefix)/i,
];

function outsideEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !ofThisRun.some((pattern) => pattern.test(name)));
  return { ...Object.fromEntries(kept), NO_COLOR: '1', npm_config_update_notifier: 'false' };
}
