import { parse } from 'yaml';

/** What of pnpm's lock file (version 9) tells which package brings in which. */
interface Lockfile {
  readonly lockfileVersion: string;
  /** By the folder in the workspace: `packages/core`. */
  readonly importers: Readonly<Record<string, Importer>>;
  /** By name and version: `undici@8.12.4`, with the peers that were chosen in brackets. */
  readonly snapshots: Readonly<Record<string, Snapshot>>;
}

interface Importer {
  readonly dependencies?: Readonly<Record<string, { readonly version: string }>>;
  readonly optionalDependencies?: Readonly<Record<string, { readonly version: string }>>;
}

interface Snapshot {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/**
 * The names of everything that is installed with one package of the workspace, however far away, without itself. Peers
 * count where they were chosen. What its tests need (`devDependencies`) is nothing that a user installs.
 *
 * @param lockfile The text of `pnpm-lock.yaml`.
 * @param folder The package's: `packages/connector-segment`.
 */
export function installedWith(lockfile: string, folder: string): readonly string[] {
  const { lockfileVersion, importers, snapshots } = parse(lockfile) as Lockfile;
  if (lockfileVersion !== '9.0') throw new Error(`pnpm-lock.yaml has version ${lockfileVersion}; this reads 9.0.`);
  const names = new Set<string>();
  const seen = new Set<string>();

  const visitFolder = (place: string): void => {
    if (seen.has(place)) return;
    seen.add(place);
    const importer = importers[place];
    if (importer === undefined) throw new Error(`pnpm-lock.yaml does not know ${place}. Run \`pnpm install\`.`);
    for (const [name, { version }] of Object.entries({ ...importer.dependencies, ...importer.optionalDependencies })) {
      names.add(name);
      if (version.startsWith('link:')) visitFolder(resolveFolder(place, version.slice('link:'.length)));
      else visitSnapshot(name, version);
    }
  };
  const visitSnapshot = (name: string, version: string): void => {
    // An alias is resolved to `name@version` of what it stands for.
    const key = `${name}@${version}` in snapshots ? `${name}@${version}` : version;
    if (seen.has(key)) return;
    seen.add(key);
    const snapshot = snapshots[key];
    if (snapshot === undefined) throw new Error(`pnpm-lock.yaml has no snapshot of ${name}@${version}.`);
    for (const [next, itsVersion] of Object.entries({ ...snapshot.dependencies, ...snapshot.optionalDependencies })) {
      names.add(next);
      visitSnapshot(next, itsVersion);
    }
  };
  visitFolder(folder);
  return [...names].sort();
}

/** `packages/core` from `packages/connector-segment` and `../core`. */
function resolveFolder(from: string, link: string): string {
  return new URL(link, `file:///${from}/`).pathname.slice(1);
}
