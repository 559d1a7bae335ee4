/** The parts of a packed package.json that the rules speak about. */
export interface PackedManifest {
  readonly exports?: Readonly<Record<string, string | { readonly types?: string; readonly default?: string }>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly types?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly publishConfig?: { readonly access?: string; readonly provenance?: boolean };
}

/**
 * What is wrong with the files of a packed package. Meant are package.json, what the package's `files` name one by one,
 * all of `template`, and of `dist` the built code and its types. A changelog is there from the first release on.
 */
export function fileFaults(
  paths: readonly string[],
  meant: readonly string[],
  hasChangelog: boolean,
): readonly string[] {
  const named = [
    'package.json',
    ...meant.filter((name) => name !== 'dist' && name !== 'template' && (name !== 'CHANGELOG.md' || hasChangelog)),
  ];
  const isOfTemplate = (path: string) => meant.includes('template') && path.startsWith('template/');
  const isBuilt = (path: string) => /^dist\/[\w-]+\.(js|d\.ts)$/.test(path);
  return [
    ...named.filter((name) => !paths.includes(name)).map((name) => `lacks ${name}`),
    ...paths
      .filter((path) => !named.includes(path) && !isBuilt(path) && !isOfTemplate(path))
      .map((path) => `has ${path}, which nobody meant to publish`),
  ];
}

/** What is wrong with the package.json of a packed package, given all the files beside it. */
export function manifestFaults(manifest: PackedManifest, paths: readonly string[]): readonly string[] {
  const targets = [
    ...Object.values(manifest.exports ?? {}).flatMap((target) =>
      typeof target === 'string' ? [target] : [target.types, target.default],
    ),
    ...Object.values(manifest.bin ?? {}),
    ...(manifest.types === undefined ? [] : [manifest.types]),
  ];
  const ranges = {
    ...manifest.dependencies,
    ...manifest.optionalDependencies,
    ...manifest.peerDependencies,
  };
  return [
    ...targets
      .filter((target) => target === undefined || !paths.includes(target.replace(/^\.\//, '')))
      .map((target) => `names ${target}, which is not in the package`),
    ...Object.entries(ranges)
      .filter(([, range]) => /^(workspace|catalog|link|file):/.test(range))
      .map(([name, range]) => `asks for ${name} as '${range}', which nobody outside can install`),
    ...(manifest.publishConfig?.access === 'public' ? [] : ['is not published for everybody (publishConfig.access)']),
    ...(manifest.publishConfig?.provenance === true ? [] : ['is published without provenance (publishConfig)']),
  ];
}

/** What is wrong with the text of a packed file. */
export function textFaults(path: string, text: string, root: string): readonly string[] {
  const faults: string[] = [];
  if (text.includes(root)) faults.push(`${path} has a path of the machine it was built on`);
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/]/.test(text)) faults.push(`${path} has a private key`);
  if (/:_authToken=\S/.test(text)) faults.push(`${path} has a token of a registry`);
  return faults;
}
