import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Sandbox, startSandbox } from '@expunge/vendor-sandbox';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { installOperator } from './outsiders/outsider-folder.ts';
import { packPackages } from './outsiders/pack-packages.ts';
import { tryAsOutsider } from './outsiders/run-as-outsider.ts';
import type { CommandResult } from './run-command.ts';

// Somebody with a folder, npm, the command and two connectors. The steps of the README, in their order.

const installed = ['@expunge/runner', '@expunge/connector-mixpanel', '@expunge/connector-clevertap'];
const leavers = ['ada-1', 'bob-2', 'eve-3'];
const bystanders = ['ada-11', 'ADA-1'];

let outside: string;
let folder: string;
let sandbox: Sandbox<'mixpanel' | 'clevertap'>;

beforeAll(async () => {
  outside = realpathSync(mkdtempSync(join(tmpdir(), 'expunge-operator-')));
  // A folder of an operator may have any name.
  folder = join(outside, 'people to delete');
  await installOperator(folder, installed, await packPackages(join(import.meta.dirname, '..'), outside));
  sandbox = await startSandbox({
    vendors: ['mixpanel', 'clevertap'],
    limits: 'off',
    settings: {
      mixpanel: { taskTimes: { stagingAfterMs: 0, startedAfterMs: 0, successAfterMs: 0 } },
      clevertap: { deletionDelayMs: 0 },
    },
  });
  sandbox.mixpanel.seed([...leavers, ...bystanders]);
  sandbox.clevertap.seed([...leavers, ...bystanders]);
});

afterAll(async () => {
  await sandbox?.close();
  if (outside !== undefined) rmSync(outside, { recursive: true, force: true });
});

function expunge(...parameters: readonly string[]): Promise<CommandResult> {
  return tryAsOutsider('npx', ['--no-install', 'expunge', ...parameters], folder, {
    MIXPANEL_PROJECT_TOKEN: sandbox.mixpanel.credentials.projectToken,
    MIXPANEL_OAUTH_TOKEN: sandbox.mixpanel.credentials.oauthToken,
    CLEVERTAP_ACCOUNT_ID: sandbox.clevertap.credentials.accountId,
    CLEVERTAP_PASSCODE: sandbox.clevertap.credentials.passcode,
  });
}

/** What an operator does by hand: the starter's regions become the addresses of the sandbox. */
function fillIn(): void {
  const path = join(folder, 'expunge.config.yaml');
  const urls = [sandbox.mixpanel.url, sandbox.clevertap.url];
  const text = readFileSync(path, 'utf8').replace(/^ {6}region: .*$/gm, () => `      baseUrl: ${urls.shift()}`);
  const soon = '      timing: { firstCheckAfterMs: 1, checkEveryMs: 100 }\n';
  writeFileSync(
    path,
    text.replace(/^ {6}oauthToken: .*\n/m, (line) => line + soon),
  );
}

function queuedAtCleverTap(): readonly string[] {
  return [...leavers, ...bystanders].filter(
    (id) => sandbox.clevertap.isQueued(id) || !sandbox.clevertap.hasProfile(id),
  );
}

function goneAtMixpanel(): readonly string[] {
  return [...leavers, ...bystanders].filter(
    (id) => !sandbox.mixpanel.hasProfile(id) && !sandbox.mixpanel.hasEvents(id),
  );
}

it('has nothing of ours that was not asked for, but what that needs', () => {
  expect(readdirSync(join(folder, 'node_modules/@expunge')).sort()).toEqual([
    'connector-clevertap',
    'connector-mixpanel',
    'core',
    'engine',
    'http-client',
    'lists',
    'report',
    'runner',
  ]);
  const lock: { readonly packages: Readonly<Record<string, { readonly resolved?: string }>> } = JSON.parse(
    readFileSync(join(folder, 'package-lock.json'), 'utf8'),
  );
  const ours = Object.entries(lock.packages).filter(([path]) => path.startsWith('node_modules/@expunge/'));
  expect(ours).toHaveLength(8);
  for (const [path, { resolved }] of ours) expect(resolved, path).toMatch(/^file:.*\.tgz$/);
});

it('gets a configuration', async () => {
  const { exitCode, output } = await expunge('init', 'mixpanel-gdpr', 'clevertap');
  expect(exitCode, output).toBe(0);
  expect(output).toContain('npm install @expunge/connector-mixpanel @expunge/connector-clevertap');
  fillIn();
});

it('checks it', async () => {
  const { exitCode, output } = await expunge('check');
  expect(exitCode, output).toBe(0);
});

it('plans, and sends nothing', async () => {
  writeFileSync(join(folder, 'people.csv'), `user_id\n${leavers.join('\n')}\n`);
  const { exitCode, output } = await expunge('plan', 'people.csv');
  expect(exitCode, output).toBe(0);
  expect(goneAtMixpanel()).toEqual([]);
  expect(queuedAtCleverTap()).toEqual([]);
});

it('deletes everybody in the list, and nobody else', async () => {
  const { exitCode, output } = await expunge('delete', 'people.csv');
  expect(exitCode, output).toBe(0);
  expect(goneAtMixpanel()).toEqual(leavers);
  expect(queuedAtCleverTap()).toEqual(leavers);
});

it('reports it, and the audit log is whole', async () => {
  const { exitCode, output } = await expunge('report', '--output', 'report.json');
  expect(exitCode, output).toBe(0);
  const report: { readonly requests: readonly { readonly settledAt?: unknown }[] } = JSON.parse(
    readFileSync(join(folder, 'report.json'), 'utf8'),
  );
  expect(report.requests).toHaveLength(leavers.length);
  expect(report.requests.every(({ settledAt }) => typeof settledAt === 'string')).toBe(true);
  expect(await expunge('audit', 'verify')).toMatchObject({ exitCode: 0 });
});

it('is told how to install a connector that is missing', async () => {
  const config = join(folder, 'expunge.config.yaml');
  writeFileSync(config, readFileSync(config, 'utf8').replaceAll('connector-clevertap', 'connector-altcraft'));
  const { exitCode, output } = await expunge('check');
  expect(exitCode).toBe(1);
  expect(output).toContain('Run: npm install @expunge/connector-altcraft');
});
