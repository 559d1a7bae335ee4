import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fakeEnvironment } from '../../test/fake-environment.ts';
import { loadConfig } from './load-config.ts';
import { resolveSecrets } from './resolve-secrets.ts';
import { starterConfig, starters, startersFor } from './starter-config.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'runner-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

interface ConnectorModule {
  default(
    options: unknown,
    collaborators: { now(): number },
  ): { capabilities: { identifiers: readonly { type: string }[] } };
}

describe('starterConfig', () => {
  it.each(starters.map((starter) => [starter.name, starter] as const))(
    'of %s is what the connector takes',
    async (name, starter) => {
      writeFileSync(join(folder, 'expunge.config.yaml'), starterConfig([starter]));
      const { config } = await loadConfig(fakeEnvironment({ workingFolder: folder }), undefined);
      const connector = config.connectors[name];
      expect(connector?.package).toBe(starter.package);
      const environment = Object.fromEntries(starter.environment.map((variable) => [variable, 'test-value']));
      const resolved = resolveSecrets(connector?.options ?? {}, [], { environment, folder });
      expect(resolved).toMatchObject({ issues: [], warnings: [] });
      expect(new Set(resolved.secrets).size).toBe(1);
      expect(resolved.secrets).toHaveLength(starter.environment.length);
      const module: ConnectorModule = await import(starter.package);
      const types = module.default(resolved.options, { now: () => 0 }).capabilities.identifiers.map(({ type }) => type);
      expect(types).toEqual(expect.arrayContaining(Object.keys(connector?.identifiers ?? {})));
    },
  );

  it('of altcraft names the option for "no such profile", in a line that works without its comment sign', async () => {
    const [starter] = startersFor('altcraft');
    if (starter === undefined) throw new Error('There is none.');
    const text = starterConfig([starter]).replace('# absentCodes:', 'absentCodes:');
    writeFileSync(join(folder, 'expunge.config.yaml'), text);
    const { config } = await loadConfig(fakeEnvironment({ workingFolder: folder }), undefined);
    const options = config.connectors.altcraft?.options ?? {};
    expect(options).toMatchObject({ absentCodes: [404] });
    const environment = Object.fromEntries(starter.environment.map((variable) => [variable, 'test-value']));
    const module: ConnectorModule = await import(starter.package);
    expect(() =>
      module.default(resolveSecrets(options, [], { environment, folder }).options, { now: () => 0 }),
    ).not.toThrow();
  });

  it('of all of them is one configuration', async () => {
    symlinkSync('/nowhere', join(folder, 'node_modules'));
    writeFileSync(join(folder, 'expunge.config.yaml'), starterConfig(starters));
    const { config } = await loadConfig(fakeEnvironment({ workingFolder: folder }), undefined);
    expect(Object.keys(config.connectors)).toEqual(starters.map(({ name }) => name));
  });
});

it('of a ledger on PostgreSQL is what the command takes, without a secret', async () => {
  const [starter] = starters;
  if (starter === undefined) throw new Error('There is no starter.');
  writeFileSync(join(folder, 'expunge.config.yaml'), starterConfig([starter], 'postgres'));
  const { storage } = await loadConfig(fakeEnvironment({ workingFolder: folder }), undefined);
  expect(storage).toEqual({
    type: 'postgres',
    url: { env: 'DATABASE_URL' },
    schema: undefined,
    key: { env: 'EXPUNGE_LEDGER_KEY' },
  });
});

describe('startersFor', () => {
  it.each([
    ['mixpanel', ['mixpanel-profile', 'mixpanel-gdpr']],
    ['clevertap', ['clevertap']],
    ['segment-identifier', ['segment-identifier']],
    ['intercom', []],
  ])('%s', (name, expected) => {
    expect(startersFor(name).map((starter) => starter.name)).toEqual(expected);
  });
});
