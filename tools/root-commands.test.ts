import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

const root = join(import.meta.dirname, '..');

it('no command starts turbo in a way that lets it call home', async () => {
  const { scripts }: { readonly scripts: Readonly<Record<string, string>> } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  );
  const startsTurbo = Object.values(scripts).filter((script) => /\bturbo\b/.test(script));
  expect(startsTurbo.length).toBeGreaterThan(0);
  expect(startsTurbo.filter((script) => !script.startsWith('node tools/turbo.ts '))).toEqual([]);
  const { DO_NOT_TRACK: _, TURBO_TELEMETRY_DISABLED: __, ...environment } = process.env;
  const { output } = await runCommand(process.execPath, ['tools/turbo.ts', 'telemetry', 'status'], {
    folder: root,
    environment,
  });
  expect(output).toContain('Status: Disabled');
});

it.each([
  ['run demo', [], ['pnpm', 'run', 'demo:here']],
  ['run demo', ['--trouble', '--people', '3'], ['pnpm', 'run', 'demo:here', '--trouble', '--people', '3']],
  ['test', [], ['pnpm', 'run', 'test:here']],
])('npm %s hands %j on, and the exit code back', async (command, given, expected) => {
  const { exitCode, output } = await runCommand('npm', [...command.split(' '), '--silent', '--', ...given], {
    folder: root,
    environment: { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH ?? ''}` },
  });
  const asked = output.split('\n').find((line) => line.startsWith('['));
  expect({ exitCode, asked: JSON.parse(asked ?? 'null') }).toEqual({ exitCode: 7, asked: expected });
});
