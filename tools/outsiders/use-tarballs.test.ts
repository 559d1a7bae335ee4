import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { useTarballs } from './use-tarballs.ts';

it('points dependencies on ours to tarballs, also those of ours on ours, and leaves the others', () => {
  const folder = mkdtempSync(join(tmpdir(), 'use-tarballs-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const manifest = {
    name: 'expunge-connector-toy',
    dependencies: { '@expunge/core': '^0.0.0', zod: '4.1.0' },
    devDependencies: { '@expunge/conformance': '^0.0.0' },
    overrides: { nanoid: '5.0.0' },
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  const names = ['core', 'conformance', 'vendor-sandbox'];
  const tarballs = new Map(names.map((name) => [`@expunge/${name}`, join(folder, '../tarballs', `${name}.tgz`)]));
  expect(useTarballs(folder, tarballs)).toEqual(['@expunge/core', '@expunge/conformance']);
  expect(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))).toEqual({
    name: 'expunge-connector-toy',
    dependencies: { '@expunge/core': 'file:../tarballs/core.tgz', zod: '4.1.0' },
    devDependencies: { '@expunge/conformance': 'file:../tarballs/conformance.tgz' },
    overrides: {
      nanoid: '5.0.0',
      '@expunge/core': '$@expunge/core',
      '@expunge/conformance': '$@expunge/conformance',
      '@expunge/vendor-sandbox': 'file:../tarballs/vendor-sandbox.tgz',
    },
  });
});
