import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readWorkspace } from '../read-workspace.ts';
import { runAsOutsider } from './run-as-outsider.ts';

/** What would be published, as files. */
export interface PackedPackages {
  /** The tarball of each package, by the package's name. */
  readonly tarballs: ReadonlyMap<string, string>;
  /** The version that this workspace has installed of every package that ours depend on and that is not ours. */
  readonly versions: ReadonlyMap<string, string>;
}

/**
 * Packs every package that is published, as publishing would.
 *
 * @param root - The workspace.
 * @param target - The folder that the tarballs go to.
 */
export async function packPackages(root: string, target: string): Promise<PackedPackages> {
  const published = readWorkspace(root).filter(({ folder }) => !folder.startsWith('examples/'));
  const notBuilt = published.filter(({ folder }) => !existsSync(join(root, folder, 'dist/index.js')));
  if (notBuilt.length > 0) {
    const folders = notBuilt.map(({ folder }) => folder).join(', ');
    throw new Error(`Not built: ${folders}. What would be published is tested here, so build first: pnpm build.`);
  }
  const tarballs = new Map<string, string>();
  const versions = new Map<string, string>();
  for (const { folder, manifest } of published) {
    await runAsOutsider('pnpm', ['pack', '--silent', '--pack-destination', target], join(root, folder));
    const { name = '' } = manifest;
    tarballs.set(name, join(target, tarballOf(name, readdirSync(target))));
    for (const dependency of Object.keys(manifest.dependencies ?? {})) {
      if (!dependency.startsWith('@expunge/'))
        versions.set(dependency, installedVersion(join(root, folder), dependency));
    }
  }
  return { tarballs, versions };
}

/** The version of a package that a folder of the workspace has installed. */
export function installedVersion(folder: string, name: string): string {
  const manifest: { readonly version: string } = JSON.parse(
    readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8'),
  );
  return manifest.version;
}

function tarballOf(name: string, files: readonly string[]): string {
  const start = `${name.replace('@', '').replace('/', '-')}-`;
  const found = files.find((file) => file.startsWith(start) && /^\d/.test(file.slice(start.length)));
  if (found === undefined) throw new Error(`pnpm pack made no tarball of ${name}.`);
  return found;
}
