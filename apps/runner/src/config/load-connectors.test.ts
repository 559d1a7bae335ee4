import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fakeEnvironment } from '../../test/fake-environment.ts';
import { loadConfig } from './load-config.ts';
import { type LoadedConnectors, loadConnectors } from './load-connectors.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'runner-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function addPackage(name: string, code: string, exports: object = { default: './index.js' }): void {
  const path = join(folder, 'node_modules', name);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'package.json'), JSON.stringify({ name, type: 'module', exports: { '.': exports } }));
  writeFileSync(join(path, 'index.js'), code);
}

const goodConnector = `export default function create(options) {
  return {
    specVersion: 'v1', vendor: 'acme', operation: 'profile',
    capabilities: {
      title: 'Acme ' + options.region, reach: 'person', erases: [], leaves: [],
      identifiers: [{ type: 'customer', from: ['user_id'] }],
      completion: { type: 'immediate' }, repeat: 'harmless',
      limits: { submit: { maxTargets: 1 }, rates: [], inFlight: [] },
    },
    targetsOf: () => [], submit: async () => [], checkAccess: async () => ({ proven: [], unproven: [] }),
  };
}`;

async function load(connectors: object, withoutSecrets = false): Promise<LoadedConnectors> {
  const config = { ledger: { sqlite: 'a.db' }, connectors };
  writeFileSync(join(folder, 'expunge.config.json'), JSON.stringify(config));
  const loaded = await loadConfig(fakeEnvironment({ workingFolder: folder }), undefined);
  return loadConnectors(loaded, { environment: { REGION: 'eu' }, now: () => 4711, withoutSecrets });
}

function issuesOf({ issues }: LoadedConnectors): string[] {
  return issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('loadConnectors', () => {
  it("makes connectors of packages found from the configuration's folder", async () => {
    addPackage('@acme/connector', goodConnector);
    const result = await load({
      eu: { package: '@acme/connector', options: { region: { env: 'REGION' } }, limitShare: 0.5 },
    });
    expect(issuesOf(result)).toEqual([]);
    expect(result.connectors).toMatchObject([
      { name: 'eu', connector: { capabilities: { title: 'Acme eu' } }, limitShare: 0.5 },
    ]);
  });

  it('hands connectors a clock, since they must not read one', async () => {
    addPackage(
      '@acme/connector',
      goodConnector
        .replace('create(options)', 'create(options, { now })')
        .replace("'Acme ' + options.region", "'Acme ' + now()"),
    );
    const { connectors } = await load({ eu: { package: '@acme/connector' } });
    expect(connectors[0]?.connector.capabilities.title).toBe('Acme 4711');
  });

  it('makes a connector of a file beside the configuration', async () => {
    writeFileSync(join(folder, 'acme.mjs'), goodConnector);
    expect((await load({ eu: { package: './acme.mjs' } })).connectors).toHaveLength(1);
  });

  it.each([
    ['package-lock.json', 'npm install @acme/connector'],
    ['pnpm-lock.yaml', 'pnpm add @acme/connector'],
    ['yarn.lock', 'yarn add @acme/connector'],
  ])('says how to install a missing package beside a %s', async (lock, command) => {
    writeFileSync(join(folder, lock), '');
    expect(issuesOf(await load({ eu: { package: '@acme/connector' } }))).toEqual([
      `connectors.eu.package: @acme/connector is not installed where this configuration is. Run: ${command}`,
    ]);
  });

  it('says so where a file is missing', async () => {
    expect(issuesOf(await load({ eu: { package: './acme.js' } }))[0]).toContain('there is no module at ./acme.js');
  });

  it.each([
    ['export const x = 1;', 'no function that makes one'],
    ["import 'not-there'; export default () => {};", "can't be loaded"],
    ['export default () => ({});', "Its specVersion is not 'v1'"],
    ["export default () => { throw new Error('the region is wrong'); };", 'the region is wrong'],
  ])('refuses %s', async (code, words) => {
    addPackage('acme', code);
    expect(issuesOf(await load({ eu: { package: 'acme' } })).join()).toContain(words);
  });

  it('says what a package without a default condition lacks', async () => {
    addPackage('acme', goodConnector, { import: './index.js' });
    expect(issuesOf(await load({ eu: { package: 'acme' } }))[0]).toContain('"default"');
  });

  it('names every wrong option of a connector with its whole key', async () => {
    addPackage(
      'acme',
      `const marker = Symbol.for('expunge.OptionsError.v1');
       export default () => { throw Object.assign(new Error('x'), { [marker]: true, issues: [
         { path: ['regoin'], message: 'is not an option' }, { path: ['limits', 'maxTargets'], message: 'too big' }] }); };`,
    );
    expect(issuesOf(await load({ eu: { package: 'acme', options: { regoin: 'eu' } } }))).toEqual([
      'connectors.eu.options.regoin: is not an option.',
      'connectors.eu.options.limits.maxTargets: too big.',
    ]);
  });

  it('refuses a mapping to a type that the connector does not have', async () => {
    addPackage('acme', goodConnector);
    const result = await load({ eu: { package: 'acme', identifiers: { custmer: ['user_id'] } } });
    expect(issuesOf(result)).toEqual([
      'connectors.eu.identifiers.custmer: is no identifier type of this connector. It knows: customer.',
    ]);
  });

  it('refuses a read-back that the connector cannot do', async () => {
    addPackage('acme', goodConnector);
    const result = await load({ eu: { package: 'acme', verify: 'after' } });
    expect(issuesOf(result)[0]).toContain('no way to read back');
  });

  it.each([
    [
      { token: { env: 'NOT_SET' }, region: 'eu' },
      ['token: the environment variable NOT_SET is not set, or empty. Set it where expunge runs.'],
    ],
    [
      { token: { env: 'NOT_SET' }, regoin: 'eu' },
      [
        'token: the environment variable NOT_SET is not set, or empty. Set it where expunge runs.',
        'region: is missing.',
        'regoin: is not an option.',
      ],
    ],
    [
      { token: { env: 3 }, region: { file: './not-there' } },
      [
        'token: a reference is { env: NAME } with a text.',
        "region: the file ./not-there can't be read (ENOENT). A relative path starts in FOLDER.",
      ],
    ],
  ])('names every wrong key beside a secret that is missing: %j', async (options, expected) => {
    addPackage(
      'acme',
      `const marker = Symbol.for('expunge.OptionsError.v1');
       ${goodConnector.replace(
         '{',
         `{
           const issues = [];
           if (!/^t-/.test(options.token)) issues.push({ path: ['token'], message: 'must begin with t-' });
           if (options.region === undefined) issues.push({ path: ['region'], message: 'is missing' });
           else if (options.region !== 'eu') issues.push({ path: ['region', 'name'], message: 'must be eu' });
           for (const key of Object.keys(options)) {
             if (key !== 'token' && key !== 'region') issues.push({ path: [key], message: 'is not an option' });
           }
           if (issues.length > 0) throw Object.assign(new Error('x'), { [marker]: true, issues });`,
       )}`,
    );
    const result = await load({ eu: { package: 'acme', options } });
    expect(issuesOf(result)).toEqual(
      expected.map((issue) => `connectors.eu.options.${issue.replace('FOLDER', folder)}`),
    );
    expect(result.connectors).toEqual([]);
  });

  it('names what a connector cannot do although a secret of it is missing, and never keeps it', async () => {
    addPackage('acme', goodConnector);
    const result = await load({
      eu: { package: 'acme', options: { token: { env: 'NOT_SET' } }, identifiers: { custmer: [] }, verify: 'after' },
    });
    expect(issuesOf(result)).toEqual([
      expect.stringContaining('NOT_SET'),
      expect.stringContaining('custmer: is no identifier type'),
      expect.stringContaining('no way to read back'),
    ]);
    expect(result.connectors).toEqual([]);
  });

  it('does not blame a connector that stumbles over what stands for a missing secret', async () => {
    addPackage(
      'acme',
      "export default ({ key }) => { if (key !== undefined) throw new Error('the key is no PEM text'); };",
    );
    const result = await load({ eu: { package: 'acme', options: { key: { env: 'NOT_SET' } } } });
    expect(issuesOf(result)).toEqual([expect.stringContaining('NOT_SET')]);
  });

  it('reports everything that is wrong with all of them at once', async () => {
    addPackage('acme', goodConnector);
    const result = await load({
      one: { package: 'missing', options: { token: { env: 'NOT_SET' } } },
      two: { package: 'acme', options: { token: { env: 'NOT_SET' } } },
    });
    expect(issuesOf(result)).toHaveLength(3);
    expect(issuesOf(await load({ two: { package: 'acme', options: { token: { env: 'NOT_SET' } } } }, true))).toEqual(
      [],
    );
  });
});
