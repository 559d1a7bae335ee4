// turbo, as every command of this repository starts it: it sends nothing to anybody. It has no setting for that in a file.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { quietEnvironment } from './quiet-environment.ts';

const turbo = fileURLToPath(import.meta.resolve('turbo/bin/turbo'));
const { status } = spawnSync(process.execPath, [turbo, ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: quietEnvironment(),
});
process.exitCode = status ?? 1;
