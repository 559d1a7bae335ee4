import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Manifest } from '../convention-rules.ts';
import { readManifest } from '../read-workspace.ts';
import { installedVersion, type PackedPackages } from './pack-packages.ts';
import { runAsOutsider } from './run-as-outsider.ts';

/** What the examples need besides what they declare: this repository has it at its root, an outsider has it too. */
const testTools = ['vitest', 'typescript', '@types/node'];

/**
 * Copies examples out of the workspace and installs them from the tarballs: `workspace:` becomes a tarball, `catalog:` a
 * version. Also what a package of ours depends on is that package's tarball, as long as no registry has it.
 *
 * @param folder - An empty folder outside of the workspace.
 * @param examples - Their folders in the workspace: `examples/one-connector`.
 */
export async function installExamples(
  folder: string,
  root: string,
  examples: readonly string[],
  packed: PackedPackages,
): Promise<void> {
  for (const example of examples) {
    const copy = join(folder, example);
    cpSync(join(root, example), copy, { recursive: true, filter: (path) => !passedOver.has(basename(path)) });
    const manifest = outsideManifest(join(root, example), packed);
    writeJson(join(copy, 'package.json'), manifest);
  }
  const tools = Object.fromEntries(testTools.map((name) => [name, installedVersion(root, name)]));
  writeJson(join(folder, 'package.json'), { private: true, type: 'module', devDependencies: tools });
  // JSON is YAML.
  writeJson(join(folder, 'pnpm-workspace.yaml'), {
    packages: ['examples/*'],
    overrides: { ...tools, ...overridesOf(packed) },
    allowBuilds: { esbuild: true },
  });
  writeJson(join(folder, 'tsconfig.json'), {
    compilerOptions: {
      target: 'es2024',
      lib: ['es2024'],
      module: 'nodenext',
      types: ['node'],
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      verbatimModuleSyntax: true,
      erasableSyntaxOnly: true,
      allowImportingTsExtensions: true,
      // The published types themselves are checked, too.
      skipLibCheck: false,
      noEmit: true,
    },
    include: ['examples/*/**/*.ts'],
  });
  await runAsOutsider('pnpm', ['install', '--prefer-offline', '--silent'], folder);
}

/**
 * Makes a folder of somebody who uses the command, and installs into it with npm.
 *
 * @param wanted - The packages of ours that this person asks for.
 */
export async function installOperator(
  folder: string,
  wanted: readonly string[],
  packed: PackedPackages,
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const overrides = Object.entries(overridesOf(packed)).filter(([name]) => !wanted.includes(name));
  writeJson(join(folder, 'package.json'), {
    private: true,
    type: 'module',
    dependencies: Object.fromEntries(wanted.map((name) => [name, tarball(name, packed)])),
    overrides: Object.fromEntries(overrides),
  });
  await runAsOutsider('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--silent'], folder);
}

const passedOver = new Set(['node_modules', 'dist', '.turbo']);

function outsideManifest(example: string, packed: PackedPackages): Manifest {
  const manifest = readManifest(example);
  const outside = (dependencies: Manifest['dependencies']) =>
    dependencies === undefined
      ? {}
      : Object.fromEntries(
          Object.entries(dependencies).map(([name, range]) => [name, outsideVersion(example, name, range, packed)]),
        );
  return {
    ...manifest,
    dependencies: outside(manifest.dependencies),
    devDependencies: outside(manifest.devDependencies),
  };
}

function outsideVersion(example: string, name: string, range: string, packed: PackedPackages): string {
  if (range.startsWith('workspace:')) return tarball(name, packed);
  return range.startsWith('catalog:') ? installedVersion(example, name) : range;
}

function tarball(name: string, { tarballs }: PackedPackages): string {
  const path = tarballs.get(name);
  if (path === undefined) throw new Error(`${name} is not published, so nobody outside can install it.`);
  return `file:${path}`;
}

// Of other people's packages the versions of our own lock file, so that a release of theirs changes no answer here.
function overridesOf(packed: PackedPackages): Readonly<Record<string, string>> {
  return {
    ...Object.fromEntries(packed.versions),
    ...Object.fromEntries([...packed.tarballs.keys()].map((name) => [name, tarball(name, packed)])),
  };
}

function writeJson(path: string, value: unknown): void {
  writeFileSync(path, `${JSON.stringify(value, undefined, 2)}\n`);
}
