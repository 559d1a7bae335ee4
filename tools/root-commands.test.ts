import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runCommand } from './run-command.ts';

// An npx that says what it is asked to run, and runs nothing.
const tellingNpx = `#!/usr/bin/env node
const asked = process.argv.slice(2);
process.stdout.write(JSON.stringify(asked.slice(asked.indexOf('--') + 1)) + '\\n');
process.exitCode = 7;
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'expunge-commands-'));
  writeFileSync(join(folder, 'npx'), tellingNpx);
  chmodSync(join(folder, 'npx'), 0o755);
});
afterEach(() => rmSync(folder, { recursive: true }));

it.each([
  ['run demo', [], ['pnpm', 'run', 'demo:here']],
  ['run demo', ['--trouble', '--people', '3'], ['pnpm', 'run', 'demo:here', '--trouble', '--people', '3']],
  ['test', [], ['pnpm', 'run', 'test:here']],
])('npm %s hands %j on, and the exit code back', async (command, given, expected) => {
  const { exitCode, output } = await runCommand('npm', [...command.split(' '), '--silent', '--', ...given], {
    folder: join(import.meta.dirname, '..'),
    environment: { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH ?? ''}` },
  });
  const asked = output.split('\n').find((line) => line.startsWith('['));
  expect({ exitCode, asked: JSON.parse(asked ?? 'null') }).toEqual({ exitCode: 7, asked: expected });
});
