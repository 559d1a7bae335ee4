import { type FileTexts, renderTemplate } from './render-template.ts';
import { CreateError, type VendorNames } from './vendor-names.ts';

/** What a connector's own package is made of. */
export interface ConnectorPackage {
  /** The vendor. */
  readonly names: VendorNames;
  /** What the package is called: `expunge-connector-acme`, `@example/expunge-acme`. */
  readonly packageName: string;
  /** The version of each dependency, as package.json has it. */
  readonly versions: Readonly<Record<string, string>>;
}

const templatePackage = /expunge-connector-[a-z0-9-]+/g;
const packageNamePattern = /^(@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*$/;

/**
 * The files of a connector as a package that stands for itself.
 *
 * @throws CreateError for a name that npm does not take.
 */
export function connectorPackageFiles({ names, packageName, versions }: ConnectorPackage): FileTexts {
  if (!packageNamePattern.test(packageName) || packageName.length > 214) {
    throw new CreateError(`'${packageName}' is no name of an npm package. Write small letters, digits and dashes.`);
  }
  const files = new Map([...renderTemplate('common', names), ...renderTemplate('outside', names)]);
  // npm leaves files called .gitignore out of packages.
  files.set('.gitignore', files.get('gitignore') ?? '');
  files.delete('gitignore');
  for (const [path, text] of files) files.set(path, text.replace(templatePackage, packageName));
  // A package.json inside of a package looks like a mistake to the tools that check packages.
  files.set('package.json', withVersions(files.get('manifest.json') ?? '', versions));
  files.delete('manifest.json');
  return files;
}

function withVersions(manifestText: string, versions: Readonly<Record<string, string>>): string {
  const manifest = JSON.parse(manifestText) as Record<string, Record<string, string>>;
  for (const kind of ['dependencies', 'devDependencies']) {
    for (const name of Object.keys(manifest[kind] ?? {})) {
      const version = versions[name];
      if (version === undefined) throw new Error(`No version of ${name} is known.`);
      Object.assign(manifest[kind] ?? {}, { [name]: version });
    }
  }
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}
