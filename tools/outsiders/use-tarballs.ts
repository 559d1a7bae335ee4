import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/**
 * Points a package's dependencies on ours to tarballs, and those of our packages among themselves too, as long as no registry
 * has them.
 *
 * @param folder - The package's folder.
 * @param tarballs - The tarball of each of our packages, by the package's name.
 * @returns The dependencies of the package that are tarballs now.
 */
export function useTarballs(folder: string, tarballs: ReadonlyMap<string, string>): readonly string[] {
  const path = join(folder, 'package.json');
  const manifest: Record<string, Record<string, string> | undefined> = JSON.parse(readFileSync(path, 'utf8'));
  const fileOf = (tarball: string) => `file:${relative(folder, tarball).replaceAll('\\', '/')}`;
  const own = new Set<string>();
  for (const kind of ['dependencies', 'devDependencies']) {
    for (const name of Object.keys(manifest[kind] ?? {})) {
      const tarball = tarballs.get(name);
      if (tarball === undefined) continue;
      own.add(name);
      manifest[kind] = { ...manifest[kind], [name]: fileOf(tarball) };
    }
  }
  // npm refuses an override beside a dependency of the same name, unless it says the same by reference.
  const overrides = [...tarballs].map(([name, tarball]) => [name, own.has(name) ? `$${name}` : fileOf(tarball)]);
  manifest.overrides = { ...manifest.overrides, ...Object.fromEntries(overrides) };
  writeFileSync(path, `${JSON.stringify(manifest, undefined, 2)}\n`);
  return [...own];
}
