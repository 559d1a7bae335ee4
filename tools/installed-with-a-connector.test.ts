import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { roleOf } from './convention-rules.ts';
import { installedWith } from './read-lockfile.ts';
import { readWorkspace } from './read-workspace.ts';

const root = join(import.meta.dirname, '..');
const lockfile = readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8');

/** What every connector may bring along: the contract, the HTTP client, and the one library of each. */
const withAnyConnector = ['@expunge/core', '@expunge/http-client', 'undici', 'zod'];

/** What single connectors bring along besides, with the reason in a decision record. A line that is no longer needed fails. */
const exceptions: Readonly<Record<string, readonly string[]>> = {
  // docs/decisions/2026-11-21-fast-xml-parser-for-altcraft.md
  'packages/connector-altcraft': [
    '@nodable/entities',
    'anynum',
    'fast-xml-builder',
    'fast-xml-parser',
    'is-unsafe',
    'path-expression-matcher',
    'strnum',
    'xml-naming',
  ],
};

const connectors = readWorkspace(root)
  .map(({ folder }) => folder)
  .filter((folder) => roleOf(folder) === 'connector');

it.each(connectors)('%s brings along what every connector does, and nothing else', (folder) => {
  const beyond = installedWith(lockfile, folder).filter((name) => !withAnyConnector.includes(name));
  expect(beyond).toEqual(exceptions[folder] ?? []);
});

it('has exceptions of connectors that are there', () => {
  expect(Object.keys(exceptions).filter((folder) => !connectors.includes(folder))).toEqual([]);
});

it.each([
  ['packages/core', ['zod']],
  ['packages/http-client', ['@expunge/core', 'undici', 'zod']],
  ['packages/engine', ['@expunge/core', 'zod']],
])('%s brings along %j', (folder, expected) => {
  expect(installedWith(lockfile, folder)).toEqual(expected);
});

describe('installedWith', () => {
  const small = (importers: string, snapshots: string) => `
lockfileVersion: '9.0'
importers:
${importers}
snapshots:
${snapshots}
`;

  it('follows workspace links, dependencies of dependencies, and circles', () => {
    const text = small(
      `
  packages/connector-toy:
    dependencies:
      '@expunge/core': { specifier: 'workspace:^', version: link:../core }
      one: { specifier: 'catalog:', version: 1.0.0(two@2.0.0) }
    devDependencies:
      vitest: { specifier: 'catalog:', version: 5.0.0 }
  packages/core:
    dependencies:
      zod: { specifier: 'catalog:', version: 4.0.0 }`,
      `
  one@1.0.0(two@2.0.0):
    dependencies: { two: 2.0.0 }
  two@2.0.0:
    optionalDependencies: { three: 3.0.0, one: 1.0.0(two@2.0.0) }
  three@3.0.0: {}
  zod@4.0.0: {}`,
    );
    expect(installedWith(text, 'packages/connector-toy')).toEqual(['@expunge/core', 'one', 'three', 'two', 'zod']);
  });

  it('says so where the lock file is another than it knows, or lacks the package', () => {
    expect(() => installedWith("lockfileVersion: '10.0'", 'packages/core')).toThrow('has version 10.0');
    expect(() => installedWith(small('  packages/core: {}', '  a@1: {}'), 'packages/gone')).toThrow('packages/gone');
  });
});
