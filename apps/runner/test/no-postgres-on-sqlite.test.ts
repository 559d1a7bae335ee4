import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Sandbox, startSandbox } from '@expunge/vendor-sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWorkplace, type Workplace } from './expunge-process.ts';
import { sandboxConfig } from './sandbox-config.ts';

const preload = pathToFileURL(join(import.meta.dirname, 'record-modules.mjs')).href;

let sandbox: Sandbox<'altcraft'>;
let workplace: Workplace;

beforeEach(async () => {
  sandbox = await startSandbox({ vendors: ['altcraft'], limits: 'off' });
  sandbox.altcraft.seed(['leaver@example.com']);
  workplace = openWorkplace();
  workplace.write('people.csv', 'email,request_id\nleaver@example.com,R-1\n');
});
afterEach(async () => {
  await workplace.close();
  await sandbox.close();
});

const configure = (ledger: object) =>
  workplace.write('expunge.config.json', sandboxConfig(sandbox, ['altcraft'], { top: { ledger } }));

/** Runs a command, and says which modules it loaded or tried to. */
async function modulesOf(command: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const file = join(workplace.folder, 'modules.txt');
  const { code, messages } = await workplace.start(command, {
    environment: { NODE_OPTIONS: `--import ${preload}`, RECORDED_MODULES: file, ...environment },
  }).ended;
  const modules = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
  rmSync(file, { force: true });
  return { code, messages, modules };
}

const postgres = /^(pg|pg-boss)$|\/node_modules\/(pg|pg-boss)\/|@expunge\/postgres|\/postgres\/dist\//;
const ofPostgres = (modules: readonly string[]) => modules.filter((module) => postgres.test(module));

describe('with a ledger in a file', () => {
  it('no command loads what PostgreSQL needs', async () => {
    configure({ sqlite: './expunge.db' });
    for (const command of [
      ['plan', 'people.csv'],
      ['check'],
      ['delete', 'people.csv'],
      ['resume'],
      ['status'],
      ['report', '--output', 'all.html'],
      ['audit', 'verify'],
      ['hold', 'list'],
      ['ledger', 'backup', 'copy.db'],
      ['ledger', 'rekey'],
    ]) {
      const { code, messages, modules } = await modulesOf(command);
      expect({ command, code, messages: code === 0 ? '' : messages }).toEqual({ command, code: 0, messages: '' });
      expect(modules).toContain('commander');
      expect({ command, loaded: ofPostgres(modules) }).toEqual({ command, loaded: [] });
    }
    expect(sandbox.altcraft.profileIdsOf('leaver@example.com')).toEqual([]);
  });
});

describe('with a ledger in PostgreSQL', () => {
  it.each([['status'], ['resume']])('the same look sees that %s loads what PostgreSQL needs', async (command) => {
    configure({ postgres: { url: { env: 'DATABASE_URL' } }, key: { env: 'EXPUNGE_LEDGER_KEY' } });
    // It goes no further than to look for the address, which nobody has set.
    const { modules } = await modulesOf([command]);
    expect(ofPostgres(modules)).toEqual(expect.arrayContaining(['@expunge/postgres', 'pg', 'pg-boss']));
  });
});
