import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runCommand } from './run-command.ts';

const root = join(import.meta.dirname, '..');

it('a fleet that is killed, cut off and restarted again and again loses nothing and claims nothing that is not so', async () => {
  const { exitCode, output } = await runCommand(
    process.execPath,
    ['tools/torture-fleet.ts', '--kills', '4', '--seed', '7', '--people-per-list', '6'],
    { folder: root, environment: process.env },
  );
  expect({ exitCode, output }).toEqual({ exitCode: 0, output: expect.stringMatching(/Seed 7: [1-9]\d* kills/) });
  expect(output).toContain('Nothing lost, nothing claimed that is not so.');
  // What met nothing would show nothing.
  expect(output).toMatch(/[1-9]\d* restarts of the database, [1-9]\d* times all connections cut/);
  // Its first kills wait for a call that hangs.
  expect(output).toMatch(/[1-9]\d* calls cut off/);
});
