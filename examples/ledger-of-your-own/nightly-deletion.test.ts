import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { startSandbox } from '@expunge/vendor-sandbox';
import { expect, it, onTestFinished } from 'vitest';

const everybody = ['ada-1', 'ada-11', 'bob-2'];

async function startCompany() {
  const sandbox = await startSandbox({ vendors: ['clevertap'] });
  const folder = mkdtempSync(join(tmpdir(), 'expunge-ledger-'));
  onTestFinished(async () => {
    await sandbox.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const { clevertap } = sandbox;
  clevertap.seed(everybody);
  const ledger = join(folder, 'ledger');
  const backup = join(folder, 'backup');
  const key = join(folder, 'key');
  mkdirSync(backup);
  writeFileSync(key, '0123456789abcdef'.repeat(4));

  async function deletePeople(...people: readonly string[]) {
    const env = {
      LEDGER_FOLDER: ledger,
      BACKUP_FOLDER: backup,
      LEDGER_KEY_FILE: key,
      CLEVERTAP_URL: clevertap.url,
      CLEVERTAP_ACCOUNT_ID: clevertap.credentials.accountId,
      CLEVERTAP_PASSCODE: clevertap.credentials.passcode,
    };
    const script = join(import.meta.dirname, 'nightly-deletion.ts');
    // Node 22 calls its SQLite experimental, on standard error.
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, ...people], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [output, errors, [exitCode]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit'),
    ]);
    return { output, errors, exitCode };
  }
  const queued = () => everybody.filter((id) => clevertap.isQueued(id));
  return { clevertap, ledger, backup, key, deletePeople, queued };
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder).sort();
}

it('keeps ledger and backup where it is told, without a key and without a person in any file', async () => {
  const { ledger, backup, deletePeople, queued } = await startCompany();
  expect(await deletePeople('ada-1')).toEqual({
    output: '1 new, 0 known, 0 of them not sent again. Nothing is open.\n',
    errors: '',
    exitCode: 0,
  });
  expect(queued()).toEqual(['ada-1']);
  expect(filesIn(ledger)).toContain('deletions.db');
  expect(filesIn(ledger).filter((name) => name.includes('key'))).toEqual([]);
  expect(filesIn(backup)).toHaveLength(1);
  for (const folder of [ledger, backup]) {
    for (const name of filesIn(folder)) {
      expect(readFileSync(join(folder, name)).includes('ada-1'), `${name} names a person`).toBe(false);
    }
  }
});

it('goes on with a restored backup, and does nothing twice', async () => {
  const { clevertap, ledger, backup, deletePeople, queued } = await startCompany();
  await deletePeople('ada-1');
  const [saved = ''] = filesIn(backup);
  rmSync(ledger, { recursive: true });
  mkdirSync(ledger);
  copyFileSync(join(backup, saved), join(ledger, 'deletions.db'));
  const callsBefore = clevertap.requests.length;
  expect(await deletePeople('ada-1')).toMatchObject({
    output: '0 new, 1 known, 1 of them not sent again. Nothing is open.\n',
    exitCode: 0,
  });
  expect(clevertap.requests).toHaveLength(callsBefore);
  expect(await deletePeople('ada-1', 'bob-2')).toMatchObject({
    output: '1 new, 1 known, 1 of them not sent again. Nothing is open.\n',
  });
  expect(queued()).toEqual(['ada-1', 'bob-2']);
});

it.each([
  ['another key', 'f'.repeat(64), 'key-wrong'],
  ['no key', 'not a key', 'LEDGER_KEY_FILE does not hold 64 hexadecimal digits'],
])('refuses %s, and deletes nobody', async (_name, content, words) => {
  const { key, deletePeople, queued } = await startCompany();
  await deletePeople('ada-1');
  writeFileSync(key, content);
  const { exitCode, errors } = await deletePeople('bob-2');
  expect(exitCode).not.toBe(0);
  expect(errors).toContain(words);
  expect(queued()).toEqual(['ada-1']);
});
