import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { openSqliteLedger } from '../src/sqlite.ts';
import { temporaryFolder } from './setting.ts';

// What a power cut leaves is what was synced: no test can cut the power, so this one records what is synced, and when.
const notes = vi.hoisted((): { lines: string[]; paths: Map<number, string> } => ({ lines: [], paths: new Map() }));

vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof import('node:fs')>();
  return {
    ...fs,
    openSync: (...given: Parameters<typeof fs.openSync>) => {
      const file = fs.openSync(...given);
      notes.paths.set(file, String(given[0]));
      return file;
    },
    fsyncSync: (file: number) => {
      fs.fsyncSync(file);
      notes.lines.push(`synced ${notes.paths.get(file)}`);
    },
    renameSync: (...given: Parameters<typeof fs.renameSync>) => {
      fs.renameSync(...given);
      notes.lines.push(`renamed ${given[0]} to ${given[1]}`);
    },
  };
});

beforeEach(() => {
  notes.lines = [];
});

/** A ledger whose key lies in a folder of its own. */
function somewhere() {
  const path = join(temporaryFolder(), 'ledger.db');
  const keyFile = join(temporaryFolder(), 'ledger.key');
  return { path, keyFile, keyFolder: dirname(keyFile) };
}

describe('a power cut', () => {
  it('after the first run leaves the key: the file is synced, and then its name', async () => {
    const { path, keyFile, keyFolder } = somewhere();
    const ledger = await openSqliteLedger({ path, keyFile });
    await ledger.close();
    expect(notes.lines).toEqual([`synced ${keyFile}`, `synced ${keyFolder}`]);
  });

  it('at any time in a change of keys leaves the key that opens the ledger', async () => {
    const { path, keyFile, keyFolder } = somewhere();
    const ledger = await openSqliteLedger({ path, keyFile });
    notes.lines = [];
    await ledger.rekey();
    await ledger.close();
    expect(notes.lines).toEqual([
      `synced ${keyFile}.next`,
      `synced ${keyFolder}`,
      `renamed ${keyFile}.next to ${keyFile}`,
      `synced ${keyFolder}`,
    ]);
  });

  it('after a backup leaves all of it', async () => {
    const { path, keyFile } = somewhere();
    const ledger = await openSqliteLedger({ path, keyFile });
    notes.lines = [];
    const copy = join(temporaryFolder(), 'copy.db');
    await ledger.backup(copy);
    await ledger.close();
    const [partial] = notes.lines[0]?.match(/[^ ]+$/) ?? [];
    expect(partial).toMatch(/\.copy\.db\.[0-9a-f]{18}\.partial$/);
    expect(notes.lines).toEqual([`synced ${partial}`, `renamed ${partial} to ${copy}`, `synced ${dirname(copy)}`]);
  });

  it.each([
    ['nothing', ''],
    ['half', 'cdcd'],
    ['zeros', '\0'.repeat(65)],
  ])('that leaves %s of a next key leaves the key in use as it is', async (_what, half) => {
    const { path, keyFile } = somewhere();
    await (await openSqliteLedger({ path, keyFile })).close();
    writeFileSync(`${keyFile}.next`, half);
    await (await openSqliteLedger({ path, keyFile, readOnly: true })).close();
    const ledger = await openSqliteLedger({ path, keyFile });
    await ledger.rekey();
    await ledger.close();
    expect(existsSync(`${keyFile}.next`)).toBe(false);
    await (await openSqliteLedger({ path, keyFile })).close();
  });
});

it('records what is synced', () => {
  const path = join(temporaryFolder(), 'a');
  writeFileSync(path, '');
  renameSync(path, `${path}b`);
  expect(notes.lines).toEqual([`renamed ${path} to ${path}b`]);
});
