import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { type Sandbox, startSandbox } from '@expunge/vendor-sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { goodSecrets, mainPath, openWorkplace, type Workplace } from './expunge-process.ts';
import { sandboxConfig } from './sandbox-config.ts';

let sandbox: Sandbox<'altcraft'>;
let workplace: Workplace;

const people = Array.from({ length: 30 }, (_, index) => `leaver.${index}@example.com`);

beforeEach(async () => {
  sandbox = await startSandbox({ vendors: ['altcraft'], limits: 'off' });
  sandbox.altcraft.seed(people);
  workplace = openWorkplace();
  workplace.write('people.csv', `email\n${people.join('\n')}\n`);
  workplace.write('expunge.config.json', sandboxConfig(sandbox, ['altcraft']));
});
afterEach(async () => {
  await workplace.close();
  await sandbox.close();
});

const stillThere = () => people.filter((email) => sandbox.altcraft.profileIdsOf(email).length > 0).length;

/** Runs the built command with one file or device for everything that it prints. */
async function printingTo(path: string, commandArguments: readonly string[]): Promise<number | null> {
  const file = openSync(path, 'w');
  const child = spawn(process.execPath, [mainPath, ...commandArguments], {
    cwd: workplace.folder,
    env: { PATH: process.env.PATH, NO_COLOR: '1', ...goodSecrets },
    stdio: ['ignore', file, file],
  });
  closeSync(file);
  return await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
}

describe('a run that nobody listens to', () => {
  it.each(['stdout', 'stderr', 'both'] as const)('goes on to its end after %s is closed', async (which) => {
    const { child, ended } = workplace.start(['delete', 'people.csv', '--wait', '10m']);
    if (which !== 'stderr') child.stdout?.destroy();
    if (which !== 'stdout') child.stderr?.destroy();
    expect(await ended).toMatchObject({ code: 0, signal: null });
    expect(stillThere()).toBe(0);
  });

  it('goes on when the pipe ends in the middle of it, and so does the next one', async () => {
    sandbox.altcraft.faults.add({ fault: { type: 'slow', chunkDelayMs: 20 }, path: /delete/, times: 1 });
    const { child, ended } = workplace.start(['delete', 'people.csv']);
    await expect.poll(() => sandbox.altcraft.requests.length).toBeGreaterThan(0);
    child.stdout?.destroy();
    child.stderr?.destroy();
    expect((await ended).code).toBe(0);
    expect(stillThere()).toBe(0);
    const resumed = workplace.start(['resume']);
    resumed.child.stderr?.destroy();
    expect((await resumed.ended).code).toBe(0);
  });

  it.skipIf(!existsSync('/dev/full'))('goes on where the disk of its log is full', async () => {
    expect(await printingTo('/dev/full', ['delete', 'people.csv'])).toBe(0);
    expect(stillThere()).toBe(0);
  });

  it('says by its exit code what it came to', async () => {
    sandbox.altcraft.faults.add({ fault: { type: 'status', status: 401 } });
    const { child, ended } = workplace.start(['delete', 'people.csv']);
    child.stdout?.destroy();
    child.stderr?.destroy();
    expect((await ended).code).toBe(4);
  });

  it('is quiet about a reader that has read enough, in commands that only print', async () => {
    expect((await workplace.run(['delete', 'people.csv'])).code).toBe(0);
    for (const command of ['status', 'audit list', 'report --format json']) {
      const { child, ended } = workplace.start(command.split(' '));
      child.stdout?.destroy();
      expect(await ended).toMatchObject({ code: 0, messages: '' });
    }
  });
});
