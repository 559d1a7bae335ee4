import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { type Sandbox, startSandbox } from '@expunge/vendor-sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { goodSecrets, mainPath, openWorkplace, type Workplace } from './expunge-process.ts';
import { sandboxConfig } from './sandbox-config.ts';

let sandbox: Sandbox<'clevertap'>;
let workplace: Workplace;

const people = Array.from({ length: 400 }, (_, index) => `leaver-${index}`);

beforeEach(async () => {
  sandbox = await startSandbox({
    vendors: ['clevertap'],
    limits: 'off',
    settings: { clevertap: { deletionDelayMs: 0 } },
  });
  sandbox.clevertap.seed(people);
  workplace = openWorkplace();
  workplace.write('people.csv', `user_id\n${people.join('\n')}\n`);
  workplace.write('expunge.config.json', sandboxConfig(sandbox, ['clevertap']));
});
afterEach(async () => {
  await workplace.close();
  await sandbox.close();
});

const stillThere = () => people.filter((id) => sandbox.clevertap.hasProfile(id)).length;

/** Runs the command where files cannot grow beyond a number of blocks: what every user may ask of the system. */
function runWithLimit(
  blocks: number,
  commandArguments: readonly string[],
): Promise<{ code: number | null; messages: string }> {
  const script = `trap '' XFSZ; ulimit -f ${blocks}; exec "$@"`;
  const child = spawn('sh', ['-c', script, 'sh', process.execPath, mainPath, ...commandArguments], {
    cwd: workplace.folder,
    env: { PATH: process.env.PATH, NO_COLOR: '1', ...goodSecrets },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let messages = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    messages += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, messages }));
  });
}

describe('a disk that takes no more', () => {
  it('ends a run with a clear error and without damage; the next one finishes', async () => {
    const { code, messages } = await runWithLimit(60, ['delete', 'people.csv']);
    expect({ code, messages }).toMatchObject({
      code: 1,
      messages: expect.stringMatching(/error: The disk of the ledger .*expunge\.db.*'expunge resume'/),
    });
    expect(messages).not.toContain('unexpected');
    const asked = sandbox.clevertap.requests.length;
    expect((await workplace.run(['delete', 'people.csv'])).code).toBe(0);
    expect(stillThere()).toBe(0);
    expect(sandbox.clevertap.requests.length).toBeLessThanOrEqual(asked * 2 + 4);
    expect((await workplace.run(['audit', 'verify'])).code).toBe(0);
  });

  it('lets nothing be sent that it cannot write down, and leaves what it holds readable', async () => {
    workplace.write('expunge.config.json', sandboxConfig(sandbox, ['clevertap'], { top: { wait: '1ms' } }));
    expect((await workplace.run(['hold', 'add', 'user_id=x', '--reason', 'x'])).code).toBe(0);
    // A list would not even be copied.
    const list = await runWithLimit(0, ['delete', 'people.csv']);
    expect(list).toMatchObject({
      code: 1,
      messages: expect.stringMatching(/^error: people\.csv can't be copied to .*Nothing was sent.*TMPDIR/m),
    });
    const { code, messages } = await runWithLimit(0, ['delete', '--subject', 'user_id=leaver-0']);
    expect({ code, messages }).toMatchObject({
      code: 1,
      messages: expect.stringMatching(/^error: .*ledger .*expunge\.db/m),
    });
    expect(messages).not.toContain('unexpected');
    expect(sandbox.clevertap.requests).toEqual([]);
    expect((await workplace.run(['hold', 'list'])).output).toContain('user_id');
    expect((await workplace.run(['delete', 'people.csv'])).code).toBe(0);
    expect(stillThere()).toBe(0);
  });

  it('is named where a backup or a report does not fit', async () => {
    expect((await workplace.run(['delete', 'people.csv'])).code).toBe(0);
    for (const command of [
      ['ledger', 'backup', 'copy.db'],
      ['report', '--output', 'report.html'],
    ]) {
      const { code, messages } = await runWithLimit(100, command);
      expect({ command, code, messages }).toMatchObject({
        code: 1,
        messages: expect.stringMatching(/copy\.db|report\.html/),
      });
      expect(messages).not.toContain('unexpected');
    }
    // Half a copy would look like a whole one.
    expect(readdirSync(workplace.folder).filter((name) => /^(copy|report)/.test(name))).toEqual([]);
  });
});

describe('a ledger', () => {
  it('that cannot be written is named, with what to look at', async () => {
    mkdirSync(join(workplace.folder, 'expunge.db-wal'));
    expect(await workplace.run(['delete', 'people.csv'])).toMatchObject({
      code: 1,
      messages: expect.stringMatching(/The disk of the ledger .*check the disk/),
    });
    expect(sandbox.clevertap.requests).toEqual([]);
  });

  it('that was cut off is named, with what to do, and work goes on from the backup', async () => {
    workplace.write('expunge.config.json', sandboxConfig(sandbox, ['clevertap'], { top: { wait: '1ms' } }));
    sandbox.clevertap.faults.add({ fault: { type: 'status', status: 429 }, times: 1 });
    expect((await workplace.run(['delete', 'people.csv', '--wait', '0s'])).code).not.toBe(1);
    expect((await workplace.run(['ledger', 'backup', 'copy.db'])).code).toBe(0);
    const ledger = join(workplace.folder, 'expunge.db');
    truncateSync(ledger, 5000);
    for (const command of [['status'], ['resume'], ['report', '--output', 'r.html']]) {
      expect(await workplace.run(command)).toMatchObject({
        code: 1,
        messages: expect.stringMatching(/is damaged or is no ledger.*restore the last backup/),
      });
    }
    for (const name of readdirSync(workplace.folder)) {
      if (/^expunge\.db(-|$)/.test(name)) rmSync(join(workplace.folder, name));
    }
    copyFileSync(join(workplace.folder, 'copy.db'), ledger);
    expect((await workplace.run(['resume'])).code).toBe(0);
    expect(stillThere()).toBe(0);
  });
});
