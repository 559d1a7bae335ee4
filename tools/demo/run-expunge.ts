import { spawn } from 'node:child_process';

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
