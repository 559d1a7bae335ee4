import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** What installing a package brings along. */
export interface Installation {
  /** Every package, itself included, by name and version. */
  readonly packages: readonly string[];
  /** Bytes of all their files, as published. */
  readonly bytes: number;
  /** Those that are built on installation, or come with machine code: there must be none. */
  readonly native: readonly string[];
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly files?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
}

/** Follows a package's dependencies through what is installed, and counts each package once. */
export function inspectInstallation(folder: string): Installation {
  const found = new Map<string, { readonly bytes: number; readonly isNative: boolean }>();
  const visit = (packageFolder: string): void => {
    const manifest = readManifest(packageFolder);
    const name = `${manifest.name}@${manifest.version}`;
    if (found.has(name)) return;
    const files = publishedFiles(packageFolder, manifest);
    const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0);
    found.set(name, { bytes, isNative: isNative(manifest, files) });
    for (const dependency of Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies })) {
      visit(folderOf(dependency, packageFolder));
    }
  };
  visit(realpathSync(folder));
  return {
    packages: [...found.keys()].sort(),
    bytes: [...found.values()].reduce((sum, each) => sum + each.bytes, 0),
    native: [...found].filter(([, { isNative: yes }]) => yes).map(([name]) => name),
  };
}

/** Which of a built package's dependencies its own code never imports. */
export function unusedDependencies(folder: string): readonly string[] {
  const manifest = readManifest(folder);
  const code = filesUnder(join(folder, 'dist'))
    .filter((file) => file.endsWith('.js') || file.endsWith('.d.ts'))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
  return Object.keys(manifest.dependencies ?? {}).filter((name) => {
    const imported = new RegExp(`['"]${name.replaceAll(/[/.-]/g, '\\$&')}(?:/[^'"]*)?['"]`);
    return !imported.test(code);
  });
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

// A package need not export its package.json, so it is looked for in the folders where Node would look.
function folderOf(name: string, from: string): string {
  const places = createRequire(join(from, 'package.json')).resolve.paths(name) ?? [];
  const place = places.map((each) => join(each, name)).find((each) => existsSync(join(each, 'package.json')));
  if (place === undefined) throw new Error(`${name} is not installed for ${from}.`);
  return realpathSync(place);
}

// Ours lie here with their sources; of those only what `files` names is published. What npm installed is all published.
function publishedFiles(folder: string, { files }: Manifest): readonly string[] {
  const isInstalled = /[\\/]node_modules[\\/]/.test(folder);
  if (isInstalled || files === undefined) return filesUnder(folder);
  return ['package.json', ...files].flatMap((name) => filesUnder(join(folder, name)));
}

function filesUnder(path: string): readonly string[] {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.name !== 'node_modules')
    .flatMap((entry) => filesUnder(join(path, entry.name)));
}

function isNative({ scripts = {}, os, cpu }: Manifest, files: readonly string[]): boolean {
  const isBuilt = files.some((file) => file.endsWith('binding.gyp'));
  const runsOnInstall = ['preinstall', 'install', 'postinstall'].some((name) => scripts[name] !== undefined);
  return (
    isBuilt || runsOnInstall || os !== undefined || cpu !== undefined || files.some((file) => file.endsWith('.node'))
  );
}
