import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkPackage, createPackageFromTarballData, Package } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileFaults, manifestFaults, type PackedManifest, textFaults } from './packed-package-rules.ts';
import { readWorkspace } from './read-workspace.ts';

// What a user gets from npm: the packages are packed as publishing packs them, and looked into.

const root = join(import.meta.dirname, '..');
const published = readWorkspace(root).filter(({ manifest }) => manifest.private !== true);

interface PackedPackage {
  readonly name: string;
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

let scratch: string;
const packed = new Map<string, PackedPackage>();

beforeAll(() => {
  for (const { folder } of published) {
    if (!existsSync(join(root, folder, 'dist'))) throw new Error(`${folder} is not built. Run \`pnpm build\` first.`);
  }
  scratch = mkdtempSync(join(tmpdir(), 'expunge-packed-'));
  const names = published.flatMap(({ manifest }) => ['--filter', manifest.name ?? '']);
  const command = ['--recursive', ...names, 'pack', '--json', '--pack-destination', scratch];
  const { status, stdout, stderr, error } = spawnSync('pnpm', command, { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`The packages could not be packed: ${error?.message ?? `${stdout}${stderr}`}`);
  for (const each of JSON.parse(stdout) as PackedPackage[]) packed.set(each.name, each);
});

afterAll(() => {
  if (scratch !== undefined) rmSync(scratch, { recursive: true });
});

describe.each(published.map((each) => [each.folder, each] as const))('%s, packed', (folder, each) => {
  const name = each.manifest.name ?? '';
  const paths = () => packed.get(name)?.files.map(({ path }) => path) ?? [];

  it('has the files that were meant, and no others', () => {
    expect(fileFaults(paths(), each.manifest.files ?? [], existsSync(join(root, folder, 'CHANGELOG.md')))).toEqual([]);
  });

  it('resolves as publint wants it', async () => {
    const tarball = new Uint8Array(readFileSync(packed.get(name)?.filename ?? '')).buffer;
    expect(await publintFaults({ pack: { tarball } })).toEqual([]);
  });

  it('resolves with its types, for importers that are modules', async () => {
    const data = new Uint8Array(readFileSync(packed.get(name)?.filename ?? ''));
    expect(await typeFaults(createPackageFromTarballData(data))).toEqual([]);
  });

  it('has every file that it exports or runs, and a package.json that works outside this repository', () => {
    const inside = unpack(packed.get(name)?.filename ?? '');
    const manifest = JSON.parse(readFileSync(join(inside, 'package.json'), 'utf8')) as PackedManifest;
    expect(manifestFaults(manifest, paths())).toEqual([]);
    for (const path of Object.values(manifest.bin ?? {})) {
      expect(readFileSync(join(inside, path), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
    }
  });

  it('has nothing in its text that belongs to the machine it was built on, and no key', () => {
    const inside = unpack(packed.get(name)?.filename ?? '');
    const faults = paths().flatMap((path) => textFaults(path, readFileSync(join(inside, path), 'utf8'), root));
    expect(faults).toEqual([]);
  });
});

describe('the rules bite', () => {
  it('sees what is missing and what should not be there', () => {
    const good = ['package.json', 'README.md', 'LICENSE', 'dist/index.js', 'dist/index.d.ts', 'a.schema.json'];
    const meant = ['dist', 'README.md', 'LICENSE', 'CHANGELOG.md', 'a.schema.json'];
    expect(fileFaults(good, meant, false)).toEqual([]);
    expect(fileFaults([...good, 'CHANGELOG.md'], meant, true)).toEqual([]);
    expect(fileFaults(good, meant, true)).toEqual(['lacks CHANGELOG.md']);
    for (const path of good.filter((each) => !each.startsWith('dist/'))) {
      const without = good.filter((each) => each !== path);
      expect(fileFaults(without, meant, false)).toEqual([`lacks ${path}`]);
    }
    expect(fileFaults([...good, 'template/a.ts'], [...meant, 'template'], false)).toEqual([]);
    for (const path of [
      'src/index.ts',
      'template/a.ts',
      'dist/a.test.js',
      'dist/a.js.map',
      'tsconfig.tsbuildinfo',
      '.env',
      'b.json',
    ]) {
      expect(fileFaults([...good, path], meant, false)).toEqual([`has ${path}, which nobody meant to publish`]);
    }
  });

  it('sees a manifest that does not work elsewhere', () => {
    const good: PackedManifest = {
      exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' }, './package.json': './package.json' },
      bin: { toy: './dist/cli.js' },
      dependencies: { '@expunge/core': '^0.1.0' },
      publishConfig: { access: 'public', provenance: true },
    };
    const files = ['package.json', 'dist/index.js', 'dist/index.d.ts', 'dist/cli.js'];
    expect(manifestFaults(good, files)).toEqual([]);
    for (const file of files) {
      expect(
        manifestFaults(
          good,
          files.filter((each) => each !== file),
        ),
        file,
      ).toHaveLength(1);
    }
    expect(manifestFaults({ ...good, dependencies: { zod: 'catalog:' } }, files)).toHaveLength(1);
    expect(manifestFaults({ ...good, peerDependencies: { zod: 'workspace:^' } }, files)).toHaveLength(1);
    expect(manifestFaults({ ...good, publishConfig: { access: 'public' } }, files)).toHaveLength(1);
    expect(manifestFaults({ ...good, publishConfig: { provenance: true } }, files)).toHaveLength(1);
  });

  it('sees an export that is not there, and one without types', async () => {
    const exports = { '.': { types: './index.d.ts', default: './index.js' } };
    const manifest = JSON.stringify({ name: 'toy', version: '1.0.0', type: 'module', exports });
    const data = new TextEncoder().encode(manifest);
    expect(await publintFaults({ pkgDir: 'toy', pack: { files: [{ name: 'toy/package.json', data }] } })).not.toEqual(
      [],
    );
    const inside = '/node_modules/toy';
    const files = { [`${inside}/package.json`]: manifest, [`${inside}/index.js`]: 'export const a = 1;' };
    expect(await typeFaults(new Package(files, 'toy', '1.0.0'))).not.toEqual([]);
    const typed = { ...files, [`${inside}/index.d.ts`]: 'export declare const a: number;' };
    expect(await typeFaults(new Package(typed, 'toy', '1.0.0'))).toEqual([]);
  });

  it('sees a path of the building machine and a private key', () => {
    expect(textFaults('dist/index.js', 'import "/home/somebody/repo/x.js"', '/home/somebody/repo')).toHaveLength(1);
    expect(textFaults('dist/index.js', `-----BEGIN ${'PRIVATE'} KEY-----\nMIIB`, '/nowhere')).toHaveLength(1);
    expect(textFaults('dist/index.js', '//registry.example.com/:_authToken=abc', '/nowhere')).toHaveLength(1);
    expect(textFaults('dist/index.js', 'export const a = 1;', '/nowhere')).toEqual([]);
  });
});

/** What publint finds, in its words. */
async function publintFaults(options: Parameters<typeof publint>[0]): Promise<readonly string[]> {
  const { messages, pkg } = await publint({ strict: true, ...options });
  return messages.map((message) => formatMessage(message, pkg, { color: false }) ?? message.code);
}

/** What are-the-types-wrong finds for importers that are modules; all of our packages are. */
async function typeFaults(toCheck: Package): Promise<readonly string[]> {
  const analysis = await checkPackage(toCheck);
  if (analysis.types === false) return ['has no types'];
  return analysis.problems
    .filter((problem) => !('resolutionKind' in problem && /node10|node16-cjs/.test(problem.resolutionKind)))
    .map(({ kind }) => kind);
}

/** Unpacks a package, once. */
function unpack(file: string): string {
  const folder = file.replace(/\.tgz$/, '');
  if (!existsSync(folder)) {
    mkdirSync(folder);
    const { status, stderr } = spawnSync('tar', ['-xzf', file, '-C', folder], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${file} could not be unpacked: ${stderr}`);
  }
  return join(folder, 'package');
}
