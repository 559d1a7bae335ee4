import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it, onTestFinished } from 'vitest';
import { type AcmeSandbox, startAcmeSandbox } from './acme-sandbox.ts';

// The built connector (npm run build) in the hands of the expunge command, which loads it by its name.

const packageFolder = dirname(import.meta.dirname);
const runnerManifest = createRequire(import.meta.url).resolve('@expunge/runner/package.json');
const { bin } = JSON.parse(readFileSync(runnerManifest, 'utf8')) as { bin: { expunge: string } };
const expungePath = join(dirname(runnerManifest), bin.expunge);

// Starting a command takes its time on a busy machine, in milliseconds.
const timeout = 300_000;

/** A folder as an operator has it: a configuration, a list of people, and the connector under node_modules. */
function openWorkplace(people: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'acme-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(packageFolder, join(folder, 'node_modules/expunge-connector-acme'), 'junction');
  copyFileSync(join(packageFolder, 'expunge.config.yaml'), join(folder, 'expunge.config.yaml'));
  writeFileSync(join(folder, 'people.csv'), people);
  return folder;
}

async function expunge(folder: string, acme: AcmeSandbox, ...commandArguments: string[]) {
  const child = spawn(process.execPath, [expungePath, ...commandArguments], {
    cwd: folder,
    env: { PATH: process.env.PATH, NO_COLOR: '1', ACME_URL: acme.url, ACME_API_KEY: acme.credentials.apiKey },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [output, messages, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { output, messages, code };
}

async function startAcme(deletionAfterMs: number): Promise<AcmeSandbox> {
  const acme = await startAcmeSandbox({ settings: { deletionAfterMs } });
  onTestFinished(() => acme.close());
  acme.seed(['c-1', 'c-2', 'c-11']);
  return acme;
}

it('is loaded by name, and its credentials are checked', { timeout }, async () => {
  const acme = await startAcme(0);
  const checked = await expunge(openWorkplace('crm_id\nc-1\n'), acme, 'check');
  expect(checked).toMatchObject({ code: 0, output: expect.stringContaining('The API key can read the account.') });
});

it('deletes the right people, and proves it', { timeout }, async () => {
  const acme = await startAcme(0);
  const folder = openWorkplace('request_id,crm_id\nr-1,c-1\nr-2,c-2\n');
  const run = await expunge(folder, acme, 'delete', 'people.csv', '--json');
  expect(run.code, run.messages).toBe(0);
  expect(['c-1', 'c-2', 'c-11'].filter((id) => acme.has(id))).toEqual(['c-11']);
  const report = await expunge(folder, acme, 'report', '--output', 'report.json');
  expect(report.code, report.messages).toBe(0);
  expect(readFileSync(join(folder, 'report.json'), 'utf8').match(/"verified"/g)?.length).toBeGreaterThanOrEqual(2);
});

it('claims nothing while Acme is still at work', { timeout }, async () => {
  const acme = await startAcme(24 * 3_600_000);
  const folder = openWorkplace('request_id,crm_id\nr-1,c-1\n');
  const run = await expunge(folder, acme, 'delete', 'people.csv', '--wait', '1s', '--json');
  expect(run.code, run.messages).toBe(3);
  expect(acme.has('c-1')).toBe(true);
});
