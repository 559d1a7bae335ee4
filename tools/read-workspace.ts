import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest } from './convention-rules.ts';

/** One package of the workspace, read from disk. */
export interface WorkspacePackage {
  /** `packages/core` */
  readonly folder: string;
  readonly manifest: Manifest;
  /** Every file that could be committed, by its path inside the package: `src/index.ts`. Only TypeScript files have their text. */
  readonly files: ReadonlyMap<string, string>;
}

const passedOver = new Set(['node_modules', 'dist', '.turbo', '.git', 'coverage']);

/** Reads every package of the workspace. */
export function readWorkspace(root: string): readonly WorkspacePackage[] {
  return ['packages', 'apps', 'examples']
    .flatMap((group) => foldersIn(join(root, group)).map((name) => `${group}/${name}`))
    .filter((folder) => existsSync(join(root, folder, 'package.json')))
    .map((folder) => ({
      folder,
      manifest: readManifest(join(root, folder)),
      files: readFiles(join(root, folder)),
    }));
}

/** Reads the package.json of a folder. */
export function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}

/** Reads the files under a folder. */
export function readFiles(folder: string): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  const visit = (path: string): void => {
    for (const entry of readdirSync(join(folder, path), { withFileTypes: true })) {
      const inside = path === '' ? entry.name : `${path}/${entry.name}`;
      if (entry.isDirectory() && !passedOver.has(entry.name)) visit(inside);
      else if (entry.isFile())
        files.set(inside, inside.endsWith('.ts') ? readFileSync(join(folder, inside), 'utf8') : '');
    }
  };
  visit('');
  return files;
}

function foldersIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
}
