import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { inspectInstallation, unusedDependencies } from './installed-packages.ts';

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'expunge-install-')));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(path: string, content: string | object): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), typeof content === 'string' ? content : JSON.stringify(content));
}

function writeToy(): void {
  write('package.json', { name: 'toy', version: '1.0.0', files: ['dist'], dependencies: { near: '1', far: '1' } });
  write('dist/index.js', "import { a } from 'near/deep';\n");
  write('src/index.ts', 'x'.repeat(10_000));
  write('node_modules/near/package.json', { name: 'near', version: '1.2.0', dependencies: { far: '1' } });
  write('node_modules/far/package.json', { name: 'far', version: '2.0.0' });
  write('node_modules/far/index.js', 'y'.repeat(1000));
}

it('counts every package below once, and only what is published', () => {
  writeToy();
  const { packages, bytes, native } = inspectInstallation(folder);
  expect(packages).toEqual(['far@2.0.0', 'near@1.2.0', 'toy@1.0.0']);
  expect(bytes).toBeGreaterThan(1000);
  expect(bytes).toBeLessThan(2000);
  expect(native).toEqual([]);
});

it.each<[string, string, string | object]>([
  ['machine code', 'node_modules/far/build/far.node', ''],
  ['a build from source', 'node_modules/far/binding.gyp', '{}'],
  [
    'a script on installation',
    'node_modules/far/package.json',
    { name: 'far', version: '2.0.0', scripts: { install: 'x' } },
  ],
  ['one platform only', 'node_modules/far/package.json', { name: 'far', version: '2.0.0', os: ['linux'] }],
])('sees %s', (_what, path, content) => {
  writeToy();
  write(path, content);
  expect(inspectInstallation(folder).native).toEqual(['far@2.0.0']);
});

it('sees a dependency that the built code never imports, and one that is missing', () => {
  writeToy();
  expect(unusedDependencies(folder)).toEqual(['far']);
  rmSync(join(folder, 'node_modules/far'), { recursive: true });
  expect(() => inspectInstallation(folder)).toThrow('far is not installed');
});
