import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it, onTestFinished } from 'vitest';
import { unfinished } from '../src/unfinished.ts';
import { startAcmeSandbox } from './acme-sandbox.ts';

// The built connector (npm run build) in the hands of the expunge command, which loads it by its name.

const packageFolder = dirname(import.meta.dirname);
const runnerManifest = createRequire(import.meta.url).resolve('@expunge/runner/package.json');
const { bin } = JSON.parse(readFileSync(runnerManifest, 'utf8')) as { bin: { expunge: string } };
const expungePath = join(dirname(runnerManifest), bin.expunge);

// Starting a command takes its time on a busy machine, in milliseconds.
const timeout = 300_000;

/** A folder as an operator has it: a configuration, a list of people, and the connector under node_modules. */
function openWorkplace(people: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'expunge-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(packageFolder, join(folder, 'node_modules/expunge-connector-acme'), 'junction');
  copyFileSync(join(packageFolder, 'expunge.config.yaml'), join(folder, 'expunge.config.yaml'));
  writeFileSync(join(folder, 'people.csv'), people);
  return folder;
}

async function startVendor() {
  const vendor = await startAcmeSandbox();
  onTestFinished(() => vendor.close());
  vendor.seed(['c-1', 'c-2', 'c-11']);
  const expunge = async (folder: string, ...commandArguments: string[]) => {
    const child = spawn(process.execPath, [expungePath, ...commandArguments], {
      cwd: folder,
      env: { PATH: process.env.PATH, NO_COLOR: '1', ACME_URL: vendor.url, ACME_API_KEY: vendor.credentials.apiKey },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [output, messages, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    return { output, messages, code };
  };
  return { vendor, expunge };
}

it('is loaded by name, and its credentials are checked', { timeout }, async () => {
  const { expunge } = await startVendor();
  const checked = await expunge(openWorkplace('user_id\nc-1\n'), 'check');
  expect(checked.code, `${checked.output}${checked.messages}`).toBe(0);
});

it('deletes the right people', { timeout }, async () => {
  const { vendor, expunge } = await startVendor();
  const column: string = unfinished('the identifier type of your people in people.csv: user_id, email (guide: Use it)');
  const run = await expunge(openWorkplace(`${column}\nc-1\nc-2\n`), 'delete', 'people.csv', '--json');
  expect(run.code, run.messages).toBe(0);
  expect(['c-1', 'c-2', 'c-11'].filter((id) => vendor.has(id))).toEqual(['c-11']);
});
