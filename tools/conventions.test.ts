import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  clockFaults,
  connectorFileFaults,
  dependencyFaults,
  everyColumnFaults,
  fileNameFaults,
  importFaults,
  type Manifest,
  manifestFaults,
  outsideFaults,
  printingFaults,
  roleOf,
  shortClockFaults,
  testImportFaults,
  unquotedCommandFaults,
  urlPathFaults,
} from './convention-rules.ts';
import { readFiles, readManifest, readWorkspace, type WorkspacePackage } from './read-workspace.ts';
import { folderCircles, rowTypeFaults } from './structure-rules.ts';

// Two halves: what the rules find in this project (nothing), and what they find in small bad examples (the fault).

const root = join(import.meta.dirname, '..');
const rootManifest = readManifest(root);
const workspace = readWorkspace(root);
const published = workspace.filter(({ folder }) => !folder.startsWith('examples/'));

describe.each(workspace.map((each) => [each.folder, each] as const))('%s', (folder, each) => {
  const role = roleOf(folder);

  it('has a place in the architecture', () => {
    expect(role).toBeDefined();
  });

  it('names its files after what they do', () => {
    expect(faultsIn(each, isTypeScript, (_text, path) => fileNameFaults(path))).toEqual([]);
  });

  it('has no test that ends by a clock, however busy the machine is', () => {
    const isTestFile = (path: string) => /(^|\/)test\/.*\.ts$|\.test\.ts$/.test(path);
    expect(faultsIn(each, isTestFile, shortClockFaults)).toEqual([]);
  });

  it('works in a folder whose name has spaces', () => {
    expect(faultsIn(each, isTypeScript, urlPathFaults)).toEqual([]);
  });

  it('imports in the directions of docs/architecture.md', () => {
    if (role === undefined) return;
    expect(faultsIn(each, isSource, (text) => importFaults(text, role, each.manifest))).toEqual([]);
    expect(dependencyFaults(role, each.manifest)).toEqual([]);
  });

  it('declares what its tests import', () => {
    expect(faultsIn(each, isTest, (text) => testImportFaults(text, each.manifest, rootManifest))).toEqual([]);
  });
});

describe.each(published.map((each) => [each.folder, each] as const))('%s, published', (folder, each) => {
  it('has the shape of a published package', () => {
    expect(manifestFaults(folder, each.manifest)).toEqual([]);
  });

  it('says what it is and under which licence', () => {
    expect([...each.files.keys()]).toEqual(expect.arrayContaining(['README.md', 'LICENSE']));
  });
});

const withoutAnOutside = published.filter(({ folder }) =>
  ['core', 'http-client', 'connector'].includes(roleOf(folder) ?? ''),
);

describe.each(withoutAnOutside.map((each) => [each.folder, each] as const))('%s, pure', (_folder, each) => {
  it('leaves the process, the terminal and timers to the apps', () => {
    expect(faultsIn(each, isSource, outsideFaults)).toEqual([]);
  });
});

const connectors = published.filter(({ folder }) => roleOf(folder) === 'connector');

describe.each(connectors.map((each) => [each.folder, each] as const))('%s, like every connector', (folder, each) => {
  it('has the same files as the others', () => {
    expect(connectorFileFaults(folder.replace('packages/connector-', ''), each.files)).toEqual([]);
  });

  it('does not read the clock', () => {
    expect(faultsIn(each, isSource, clockFaults)).toEqual([]);
  });
});

describe('the runner', () => {
  const runner = workspace.filter(({ folder }) => folder === 'apps/runner');
  // The one place where it is printed, and the two ends of the process.
  const printers = /^src\/(output\/print|main|run-in-thread)\.ts$/;

  it('prints nothing around the escapes', () => {
    const others = (path: string) => isSource(path) && !printers.test(path);
    expect(runner.flatMap(({ files }) => [...files.keys()].filter(others)).length).toBeGreaterThan(60);
    expect(runner.flatMap((each) => faultsIn(each, others, printingFaults))).toEqual([]);
  });

  it('quotes what it puts into commands to copy, like every package', () => {
    expect(workspace.flatMap((each) => faultsIn(each, isSource, unquotedCommandFaults))).toEqual([]);
  });
});

describe('statements of the ledger', () => {
  const isOfStore = (path: string) => /^src\/(ledger\/store\/|fleet\/|[^/]+$)/.test(path) && isSource(path);

  it('name their columns', () => {
    const packages = workspace.filter(({ folder }) => ['packages/engine', 'packages/postgres'].includes(folder));
    expect(packages.flatMap(({ files }) => [...files.keys()].filter(isOfStore)).length).toBeGreaterThan(30);
    expect(packages.flatMap((each) => faultsIn(each, isOfStore, everyColumnFaults))).toEqual([]);
  });
});

describe('row types', () => {
  const isOfLedger = (path: string) => /^src\/(ledger\/|fleet\/|copy\/|[^/]+$)/.test(path) && isSource(path);

  it('stand once, in rows.ts', () => {
    const packages = workspace.filter(({ folder }) => ['packages/engine', 'packages/postgres'].includes(folder));
    expect(packages).toHaveLength(2);
    expect(packages.flatMap((each) => faultsIn(each, isOfLedger, rowTypeFaults))).toEqual([]);
  });
});

describe('folders', () => {
  const packages = workspace.filter(({ folder }) => folder.startsWith('packages/'));

  it.each(packages.map((each) => [each.folder, each] as const))(
    'of %s import no values in a circle',
    (_folder, each) => {
      const sources = new Map([...each.files].filter(([path]) => isSource(path) && path.startsWith('src/')));
      expect(folderCircles(sources, each.manifest)).toEqual([]);
    },
  );
});

describe('tools', () => {
  const tools = [...readFiles(join(root, 'tools'))].filter(([path]) => path.endsWith('.ts') && !path.startsWith('.'));

  it('are named like everything else', () => {
    expect(tools.flatMap(([path]) => fileNameFaults(path).map((fault) => `tools/${path} ${fault}`))).toEqual([]);
  });

  it('have no test that ends by a clock, however busy the machine is', () => {
    // These tests show what is found.
    const tests = tools.filter(([path]) => path.endsWith('.test.ts') && path !== 'conventions.test.ts');
    expect(tests.flatMap(([path, text]) => shortClockFaults(text).map((fault) => `tools/${path} ${fault}`))).toEqual(
      [],
    );
  });

  it('work in a folder whose name has spaces, like the configuration of the tests', () => {
    const texts = [...tools, ['../vitest.config.ts', readFileSync(join(root, 'vitest.config.ts'), 'utf8')] as const];
    expect(texts.flatMap(([path, text]) => urlPathFaults(text).map((fault) => `tools/${path} ${fault}`))).toEqual([]);
  });
});

describe('the rules bite', () => {
  const connector: Manifest = {
    name: '@expunge/connector-toy',
    dependencies: { '@expunge/core': '1', '@expunge/http-client': '1', zod: '4' },
  };

  it('sees an import against the arrows', () => {
    expect(importFaults("import { a } from '@expunge/engine';", 'connector', connector)).toContain(
      "imports '@expunge/engine', which a connector may not",
    );
    expect(importFaults("import type { A } from '@expunge/http-client';", 'core', {})).not.toEqual([]);
    expect(importFaults("export { a } from '@expunge/core';", 'vendor-sandbox', {})).not.toEqual([]);
    expect(importFaults("import { readFileSync } from 'node:fs';", 'connector', connector)).not.toEqual([]);
    expect(importFaults("const a = await import('@expunge/connector-segment');", 'runner', {})).not.toEqual([]);
    expect(importFaults("import { XMLParser } from 'fast-xml-parser';", 'connector', connector)).not.toEqual([]);
  });

  it('lets a package have one module of Node, and no other', () => {
    const openDsr: Manifest = { name: '@expunge/connector-opendsr' };
    expect(importFaults("import { verify } from 'node:crypto';", 'connector', openDsr)).toEqual([]);
    expect(importFaults("import { readFileSync } from 'node:fs';", 'connector', openDsr)).not.toEqual([]);
    expect(importFaults("import { verify } from 'node:crypto';", 'connector', connector)).not.toEqual([]);
  });

  it('sees an import that is allowed and not declared', () => {
    expect(importFaults("import { z } from 'zod';", 'core', {})).toEqual([
      "imports 'zod', which its package.json does not declare",
    ]);
    expect(testImportFaults("import { it } from 'vitest';", {}, {})).not.toEqual([]);
  });

  it('sees a relative import without .ts, and one that reaches into a neighbour', () => {
    expect(importFaults("import { a } from './a.js';", 'connector', connector)).not.toEqual([]);
    expect(importFaults("import { a } from '../../core/src/index.ts';", 'connector', connector)).not.toEqual([]);
  });

  it('is content with good imports', () => {
    const text = "import { z } from 'zod';\nimport { a } from './a.ts';\nimport type { B } from '@expunge/core';\n";
    expect(importFaults(text, 'connector', connector)).toEqual([]);
    expect(
      importFaults("import { run } from '@expunge/engine/sqlite';", 'runner', {
        dependencies: { '@expunge/engine': '1' },
      }),
    ).toEqual([]);
  });

  it('sees a dependency that does not belong', () => {
    expect(dependencyFaults('core', { dependencies: { zod: '4', undici: '8' } })).toHaveLength(1);
    expect(dependencyFaults('vendor-sandbox', { devDependencies: { '@expunge/core': '1' } })).toHaveLength(1);
    expect(dependencyFaults('runner', { dependencies: { '@expunge/connector-segment': '1' } })).toHaveLength(1);
  });

  it.each([
    'src/utils.ts',
    'src/helpers.test.ts',
    'src/common.ts',
    'src/misc.ts',
    'src/types.ts',
    'src/parseJson.ts',
    'src/Parse.ts',
    'src/parse_json.ts',
  ])('sees the bad name %s', (path) => {
    expect(fileNameFaults(path)).not.toEqual([]);
  });

  it.each(['src/parse-json.ts', 'src/parse-json.test.ts', 'src/toy-connector.conformance.test.ts', 'tsup.config.ts'])(
    'is content with the name %s',
    (path) => {
      expect(fileNameFaults(path)).toEqual([]);
    },
  );

  it('sees what a connector lacks', () => {
    const index = "export { createToyConnector, createToyConnector as default } from './toy-connector.ts';";
    const complete = new Map([
      ['README.md', ''],
      ['LICENSE', ''],
      ['src/index.ts', index],
      ['src/toy-connector.ts', ''],
      ['src/toy-options.ts', ''],
      ['src/toy-error.ts', ''],
      ['src/toy-gdpr-api.ts', ''],
    ]);
    expect(connectorFileFaults('toy', complete)).toEqual([]);
    for (const path of complete.keys()) {
      const incomplete = new Map(complete);
      incomplete.delete(path);
      expect(connectorFileFaults('toy', incomplete), path).not.toEqual([]);
    }
    const withoutDefault = new Map(complete).set(
      'src/index.ts',
      "export { createToyConnector } from './toy-connector.ts';",
    );
    expect(connectorFileFaults('toy', withoutDefault)).toEqual(['has no default export in src/index.ts']);
  });

  it('sees a reach for the process, the terminal or a timer', () => {
    expect(outsideFaults('const key = process.env.KEY;')).not.toEqual([]);
    expect(outsideFaults('globalThis.console.log(1);')).not.toEqual([]);
    expect(outsideFaults('await new Promise((done) => setTimeout(done, 5));')).not.toEqual([]);
    expect(outsideFaults('const a = { process: 1 }; a.process; AbortSignal.timeout(5); // console')).toEqual([]);
  });

  it('sees what is printed around the escapes', () => {
    expect(printingFaults("context.processEnvironment.output.write('x');")).toHaveLength(1);
    expect(
      printingFaults('process.stderr.write(message); messages.end(text); options.stream.write(text);'),
    ).toHaveLength(3);
    expect(
      printingFaults('await pipeline(Readable.from(pieces), processEnvironment.output, { end: false });'),
    ).toHaveLength(1);
    expect(printingFaults("printLines(processEnvironment.output, 'x'); file.write(text); pipeline(a, file);")).toEqual(
      [],
    );
  });

  it('sees a value in a command to copy that no shell was thought of for', () => {
    const value = '$' + '{file}';
    const quoted = '$' + '{shellQuote(file)}';
    expect(unquotedCommandFaults(`say(\`Run: expunge audit verify ${value}\`);`)).toHaveLength(1);
    expect(unquotedCommandFaults(`say(\`expunge restore --quiet ${quoted} ${value}.\`);`)).toHaveLength(1);
    expect(unquotedCommandFaults(`say(\`chmod 600 ${value}\`);`)).toHaveLength(1);
    expect(unquotedCommandFaults(`say(\`expunge audit verify ${quoted} says more; see ${value}.\`);`)).toEqual([]);
    expect(unquotedCommandFaults(`say(\`"expunge resume" goes on with ${value}\`);`)).toEqual([]);
  });

  it('sees a path that breaks where a folder has a space in its name', () => {
    expect(urlPathFaults("const root = new URL('..', import.meta.url).pathname;")).toHaveLength(1);
    expect(urlPathFaults("fileURLToPath(new URL('..', import.meta.url)); new URL(address).pathname;")).toEqual([]);
  });

  it('sees a connector that reads the clock', () => {
    expect(clockFaults('const now = Date.now();')).not.toEqual([]);
    expect(clockFaults('const read = Date.now;')).not.toEqual([]);
    expect(clockFaults('const now = new Date().toISOString();')).not.toEqual([]);
    expect(clockFaults("const then = new Date('2026-01-05T10:00:00Z'); Date.parse('x'); // new Date()")).toEqual([]);
  });

  it('sees a test that ends by a clock', () => {
    expect(shortClockFaults('await vi.waitFor(() => expect(a).toBe(1));')).toHaveLength(1);
    expect(shortClockFaults("it('is quick', { timeout: 60_000 }, async () => {});")).toHaveLength(1);
    expect(shortClockFaults('beforeAll(async () => {\n}, 30_000);')).toHaveLength(1);
    expect(shortClockFaults("it('takes long', { timeout: 600_000 }, f);\nawait expect.poll(f).toBe(1);")).toEqual([]);
  });

  it('sees a statement that asks for every column', () => {
    expect(everyColumnFaults("store.all('SELECT * FROM requests')")).not.toEqual([]);
    expect(everyColumnFaults('store.all(`SELECT tasks.*, $' + '{more} FROM tasks`)')).not.toEqual([]);
    expect(everyColumnFaults('store.all(`SELECT $' + '{some}, tasks.* FROM tasks`)')).not.toEqual([]);
    expect(everyColumnFaults("store.get('INSERT INTO holds (id) VALUES (1) RETURNING *')")).not.toEqual([]);
    expect(everyColumnFaults("store.get('SELECT count(*), 2 * id FROM holds'); // SELECT * FROM holds")).toEqual([]);
  });

  it('sees a query with a row type of its own', () => {
    const own = 'interface TaskRecord { id: number; state: string }\n';
    expect(rowTypeFaults(`${own}store.all<TaskRecord>('SELECT id, state FROM tasks')`)).toHaveLength(1);
    expect(rowTypeFaults("store.get<{ id: number; state: string }>('SELECT id, state FROM tasks')")).toHaveLength(1);
    const imported = "import type { StoredTask } from '../rows.ts';\n";
    expect(rowTypeFaults(`${imported}store.all<Pick<StoredTask, 'id'>>('SELECT id FROM tasks')`)).toEqual([]);
    expect(rowTypeFaults("store.get<{ n: number }>('SELECT count(*) AS n FROM tasks')")).toEqual([]);
    expect(rowTypeFaults('class A { all<Row>(text: string) { return this.sql.all<Row>(text); } }')).toEqual([]);
  });

  it('sees folders that import values from each other', () => {
    const circle = new Map([
      ['src/a/one.ts', "import { two } from '../b/two.ts';"],
      ['src/b/two.ts', "export { three } from '../c/three.ts';"],
      ['src/c/three.ts', "const one = await import('../a/one.ts');"],
    ]);
    expect(folderCircles(circle, {})).toHaveLength(3);
    circle.set('src/c/three.ts', "import type { One } from '../a/one.ts';\nimport { type Two } from '../b/two.ts';");
    expect(folderCircles(circle, {})).toEqual([]);
    const withEntry = new Map([
      ['src/index.ts', "export { one } from './a/one.ts';"],
      ['src/a/one.ts', "import { root } from '../root.ts';"],
    ]);
    expect(folderCircles(withEntry, { exports: { '.': { default: './dist/index.js' } } })).toEqual([]);
    expect(folderCircles(withEntry, {})).toHaveLength(2);
  });

  it('sees a package.json of another shape', () => {
    const good: Manifest = {
      name: '@expunge/toy',
      description: 'A toy.',
      license: 'MIT',
      type: 'module',
      sideEffects: false,
      engines: { node: '>=22' },
      exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' }, './package.json': './package.json' },
      files: ['dist', 'README.md', 'LICENSE', 'CHANGELOG.md'],
    };
    expect(manifestFaults('packages/toy', good)).toEqual([]);
    for (const key of Object.keys(good)) {
      const bad = Object.fromEntries(Object.entries(good).filter(([name]) => name !== key)) as Manifest;
      expect(manifestFaults('packages/toy', bad), key).not.toEqual([]);
    }
    const byImport = {
      '.': { types: './dist/index.d.ts', import: './dist/index.js' },
      './package.json': './package.json',
    };
    expect(manifestFaults('packages/toy', { ...good, exports: byImport })).not.toEqual([]);
  });
});

function faultsIn(
  each: WorkspacePackage,
  isMeant: (path: string) => boolean,
  rule: (text: string, path: string) => readonly string[],
): readonly string[] {
  return [...each.files]
    .filter(([path]) => isMeant(path))
    .flatMap(([path, text]) => rule(text, path).map((fault) => `${each.folder}/${path} ${fault}`));
}

function isTypeScript(path: string): boolean {
  return path.endsWith('.ts');
}

// What a template imports is the business of the package that is made of it.
function isOfTemplate(path: string): boolean {
  return path.startsWith('template/');
}

function isTest(path: string): boolean {
  return isTypeScript(path) && !isOfTemplate(path) && (path.startsWith('test/') || /\.test(-d)?\.ts$/.test(path));
}

function isSource(path: string): boolean {
  return isTypeScript(path) && !isOfTemplate(path) && !isTest(path);
}
