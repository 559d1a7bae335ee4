import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countTests } from './count-tests.ts';
import { installExamples } from './outsiders/outsider-folder.ts';
import { packPackages } from './outsiders/pack-packages.ts';
import { tryAsOutsider } from './outsiders/run-as-outsider.ts';
import { readManifest, readWorkspace } from './read-workspace.ts';

// Every folder of examples/, copied to a place outside of this workspace, where the packages come from tarballs as they
// would from the registry.

const root = join(import.meta.dirname, '..');
const examples = readdirSync(join(root, 'examples'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => `examples/${entry.name}`)
  // What an example that is gone leaves behind is no example.
  .filter((example) => readdirSync(join(root, example)).some((name) => !['node_modules', 'dist'].includes(name)));

const folderByName = new Map(readWorkspace(root).map((each) => [each.manifest.name ?? '', each.folder]));

let folder: string;
let typeErrors: string;

beforeAll(async () => {
  // The real path: on some systems the temporary folder is a link.
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'expunge-outsider-')));
  await installExamples(folder, root, examples, await packPackages(root, folder));
  typeErrors = (await tryAsOutsider('pnpm', ['exec', 'tsc', '--pretty', 'false'], folder)).output;
});

afterAll(() => {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

it('has no type errors in what we publish', () => {
  // Some packages of others do not compile without a browser's types; lines that go on with an error are indented.
  const isOfOthers = /^node_modules\/\.pnpm\/(?!@expunge\+)/;
  const errors = typeErrors.split('\n').filter((line) => line !== '' && !/^\s/.test(line) && !isOfOthers.test(line));
  expect(errors.filter((line) => !line.startsWith('examples/'))).toEqual([]);
});

it('has nothing of ours but what was packed', () => {
  const installed = readdirSync(store()).filter((name) => name.startsWith('@expunge+'));
  expect(installed.length).toBeGreaterThan(3);
  expect(installed.filter((name) => !name.includes('.tgz'))).toEqual([]);
  // What one of ours depends on lies beside it.
  const places = installed.flatMap((name) => [...ourPackagesIn(join(store(), name, 'node_modules'))]);
  for (const [name, place] of places) {
    expect(place.startsWith(store()), name).toBe(true);
    const built = join(root, folderByName.get(name) ?? '', 'dist/index.js');
    expect(readFileSync(join(place, 'dist/index.js'), 'utf8'), name).toBe(readFileSync(built, 'utf8'));
  }
});

describe.each(examples)('%s, outside', (example) => {
  it('gets our packages from tarballs', () => {
    const { dependencies, devDependencies } = readManifest(join(root, example));
    const declared = Object.keys({ ...dependencies, ...devDependencies }).filter((name) =>
      name.startsWith('@expunge/'),
    );
    expect(declared).not.toEqual([]);
    const places = ourPackagesIn(join(folder, example, 'node_modules'));
    expect([...places.keys()].sort()).toEqual(declared.sort());
    expect([...places.values()].filter((place) => !place.startsWith(store()))).toEqual([]);
  });

  it('type-checks against the published types', () => {
    expect(typeErrors.split('\n').filter((line) => line.startsWith(`${example}/`))).toEqual([]);
  });

  it('passes its own tests', async () => {
    // As its package.json says; where that says nothing, vitest finds them.
    const { scripts } = readScripts(join(folder, example));
    const command = scripts?.test === undefined ? ['exec', 'vitest', 'run'] : ['run', 'test'];
    const options = [
      '--testTimeout=300000',
      '--hookTimeout=300000',
      '--reporter=default',
      '--reporter=json',
      '--outputFile.json=tests.json',
    ];
    const { exitCode, output } = await tryAsOutsider('pnpm', [...command, ...options], join(folder, example));
    expect(exitCode, output).toBe(0);
    const tests = countTests(readFileSync(join(folder, example, 'tests.json'), 'utf8'));
    expect(tests, output).toMatchObject({ failed: 0, skipped: 0 });
    expect(tests.passed).toBeGreaterThan(0);
  });
});

function readScripts(example: string): { readonly scripts?: { readonly test?: string } } {
  return JSON.parse(readFileSync(join(example, 'package.json'), 'utf8'));
}

/** Where pnpm keeps what is installed in the folder. */
function store(): string {
  return join(folder, 'node_modules', '.pnpm') + sep;
}

/** Our packages in a `node_modules`, and where each really is. */
function ourPackagesIn(nodeModules: string): ReadonlyMap<string, string> {
  const scope = join(nodeModules, '@expunge');
  const names = existsSync(scope) ? readdirSync(scope) : [];
  return new Map(names.map((name) => [`@expunge/${name}`, realpathSync(join(scope, name))]));
}
