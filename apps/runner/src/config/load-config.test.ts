import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fakeEnvironment } from '../../test/fake-environment.ts';
import { UserError } from '../user-error.ts';
import { type LoadedConfig, loadConfig } from './load-config.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'runner-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}

function load(named?: string): Promise<LoadedConfig> {
  return loadConfig(fakeEnvironment({ workingFolder: folder }), named);
}

async function failure(named?: string): Promise<UserError> {
  try {
    await load(named);
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('It was loaded.');
}

const small = 'ledger: { sqlite: ./data/expunge.db }\nconnectors: { acme: { package: "./acme.js" } }\n';

describe('loadConfig', () => {
  it('reads YAML; paths start in its folder', async () => {
    write('expunge.config.yaml', `${small}law: ccpa\n`);
    expect(await load()).toMatchObject({
      path: join(folder, 'expunge.config.yaml'),
      folder,
      storage: { type: 'sqlite', path: join(folder, 'data/expunge.db'), keyFile: undefined, key: undefined },
      config: { law: 'ccpa', connectors: { acme: { package: './acme.js' } } },
    });
  });

  it('reads JSON, with a $schema for editors', async () => {
    write(
      'expunge.config.json',
      '{\n\t"$schema": "./x.json",\n\t"ledger": { "sqlite": "a.db", "keyFile": "/keys/a" },\n\t"connectors": { "acme": { "package": "./acme.js" } }\n}\n',
    );
    expect(await load()).toMatchObject({ storage: { path: join(folder, 'a.db'), keyFile: '/keys/a' } });
  });

  it.each(['ts', 'mts', 'js', 'mjs'])('reads .%s by its default export', async (ending) => {
    const type = ending.endsWith('ts') ? ': object' : '';
    write('package.json', '{ "type": "module" }');
    write(
      `expunge.config.${ending}`,
      `const config${type} = { ledger: { sqlite: 'a.db' }, connectors: { acme: { package: './acme.js' } } };\nexport default config;\n`,
    );
    expect((await load()).config.connectors).toHaveProperty('acme');
  });

  it('takes the one that is named, from the working folder', async () => {
    mkdirSync(join(folder, 'sub'));
    write('sub/other.yml', small);
    write('expunge.config.yaml', small);
    expect((await load('sub/other.yml')).storage).toMatchObject({ path: join(folder, 'sub/data/expunge.db') });
  });

  it('says so where there is none, or more than one', async () => {
    expect((await failure()).message).toContain('expunge init');
    expect((await failure('nowhere.yaml')).message).toContain('There is no configuration at');
    write('expunge.config.yaml', small);
    write('expunge.config.ts', 'export default {}');
    expect((await failure()).message).toContain('expunge.config.ts, expunge.config.yaml');
  });

  it('names every wrong key with its line and what is known there', async () => {
    write(
      'expunge.config.yaml',
      `ledger:
  sqlite: ./expunge.db
  wal: true
guard: { maxSubjects: many }
regtry: {}
connectors:
  acme:
    pakage: "@expunge/connector-mixpanel"
    verify: sometimes
    limitShare: 2
    network: { prxy: "http://127.0.0.1:1" }
  "bad name": { package: x }
`,
    );
    const { message, issues } = await failure();
    expect(message).toContain('9 things are wrong in');
    expect(issues.map(({ where, line }) => `${where}:${line}`).sort()).toEqual([
      'connectors.acme.limitShare:10',
      'connectors.acme.network.prxy:11',
      'connectors.acme.package:7',
      'connectors.acme.pakage:8',
      'connectors.acme.verify:9',
      'connectors.bad name:12',
      'guard.maxSubjects:4',
      'ledger.wal:3',
      'regtry:5',
    ]);
    const said = Object.fromEntries(issues.map(({ where, message: text }) => [where, text]));
    expect(said).toMatchObject({
      'ledger.wal': expect.stringContaining('sqlite, keyFile, key, retention'),
      regtry: expect.stringContaining('ledger, law, wait, input, guard, retry, connectors'),
      'connectors.acme.pakage': expect.stringContaining(
        'package, options, identifiers, verify, after, network, limitShare, account.',
      ),
      'connectors.acme.network.prxy': expect.stringContaining('Known are: proxy, clientCertificate.'),
      'connectors.acme.package': expect.stringContaining('is missing'),
      'guard.maxSubjects': 'must be a number.',
    });
  });

  it('takes a ledger on PostgreSQL by references alone', async () => {
    write(
      'expunge.config.yaml',
      `ledger: { postgres: { url: { env: DATABASE_URL }, schema: people }, key: { file: ./key }, retention: 10d }
connectors: { acme: { package: "./acme.js" } }
`,
    );
    const { storage, config } = await load();
    expect(storage).toEqual({
      type: 'postgres',
      url: { env: 'DATABASE_URL' },
      schema: 'people',
      key: { file: './key' },
    });
    expect(config.ledger.retention).toBe('10d');
  });

  it.each([
    ['{ sqlite: ./a.db, postgres: { url: { env: X } }, key: { env: K } }', ['ledger.sqlite: stands beside postgres']],
    ['{ retention: 30d }', ['ledger.sqlite: is missing. Write: ledger: { sqlite']],
    ['{ postgres: { url: { env: X } } }', ['ledger.key: is missing. On PostgreSQL every worker']],
    ['{ postgres: {}, key: { env: K } }', ['ledger.postgres.url: is missing. Write: url: {']],
    ['{ postgres: "postgres://u:test-secret@db/x", key: { env: K } }', ['ledger.postgres: must be a map. Write']],
    [
      '{ postgres: { url: "postgres://u:test-secret@db/x" }, key: test-secret }',
      ['ledger.postgres.url: must be a reference, so that an address', 'ledger.key: must be a reference, so that a s'],
    ],
    ['{ postgres: { url: { env: X } }, key: { env: K }, keyFile: a.key }', ['ledger.keyFile: is for SQLite. On Pos']],
    [
      '{ postgres: { url: { env: X }, scheme: a }, key: { env: K } }',
      ['ledger.postgres.scheme: is not a key that is known here. Known are: url, schema.'],
    ],
    [
      '{ postgres: { url: { env: X } }, key: { env: K }, wal: true }',
      ['ledger.wal: is not a key that is known here. Known are: postgres, key, retention.'],
    ],
    ['{ postgres: { url: { env: X }, schema: "a;b" }, key: { env: K } }', ['ledger.postgres.schema: is a PostgreSQL']],
    ['./expunge.db', ['ledger: must be a map of keys and values.']],
  ])('says what is wrong with the ledger %s, and quotes no value', async (ledger, begins) => {
    write('expunge.config.yaml', `ledger: ${ledger}\nconnectors: { acme: { package: "./acme.js" } }\n`);
    const { issues } = await failure();
    const said = issues.map(({ where, message }) => `${where}: ${message}`);
    expect(said.map((text, index) => text.slice(0, begins[index]?.length))).toEqual(begins);
    expect(said.join()).not.toContain('test-secret');
    expect(issues.map(({ line }) => line)).toEqual(begins.map(() => 1));
  });

  it('says what is missing in an empty one', async () => {
    write('expunge.config.yaml', '');
    expect((await failure()).issues[0]?.message).toContain('must be a map');
    write('expunge.config.yaml', '{}');
    const said = (await failure()).issues.map(({ where, message }) => `${where} ${message}`);
    expect(said).toEqual([
      'ledger is missing. Write: ledger: { sqlite: ./expunge.db }, or postgres for a fleet of workers.',
      'connectors is missing. Name at least one connector; "expunge init" shows how.',
    ]);
    write('expunge.config.yaml', 'ledger: { sqlite: a.db }\nconnectors: {}\n');
    expect((await failure()).issues[0]?.message).toContain('names no connector');
  });

  it.each([
    ['expunge.config.yaml', 'ledger: {\nconnectors: ]\n', 'is not valid YAML'],
    ['expunge.config.yaml', 'ledger: { sqlite: a }\nledger: { sqlite: b }\n', 'is not valid YAML'],
    ['expunge.config.json', '{\n "a": test-secret\n}', 'is not valid JSON'],
  ])('names the line of a slip in %s and quotes nothing', async (name, text, message) => {
    write(name, text);
    const error = await failure();
    expect(error.message).toContain(message);
    expect(`${error.message}${JSON.stringify(error.issues)}`).not.toContain('test-secret');
  });

  it('says why a module can not be loaded', async () => {
    write('expunge.config.mjs', 'export const config = {};');
    expect((await failure()).message).toContain('no default export');
    write('broken.mjs', 'import "./nothing.mjs"; export default {};');
    expect((await failure('broken.mjs')).message).toContain("can't be loaded");
  });

  it('refuses what is no text', async () => {
    writeFileSync(join(folder, 'expunge.config.yaml'), Uint8Array.of(0x61, 0xff));
    expect((await failure()).message).toContain('not UTF-8');
    write('config.toml', '');
    expect((await failure('config.toml')).message).toContain('ends in .yaml');
  });
});
