import ts from 'typescript';

/** The role of a workspace folder decides what it may import. */
export type Role =
  | 'core'
  | 'http-client'
  | 'connector'
  | 'engine'
  | 'postgres'
  | 'lists'
  | 'report'
  | 'conformance'
  | 'vendor-sandbox'
  | 'create-connector'
  | 'runner'
  | 'example';

/** The parts of a package.json that conventions speak about. */
export interface Manifest {
  readonly name?: string;
  readonly description?: string;
  readonly license?: string;
  readonly type?: string;
  readonly private?: boolean;
  readonly sideEffects?: unknown;
  readonly engines?: { readonly node?: string };
  readonly packageManager?: string;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly files?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/**
 * What the sources of each role may import besides their own files. `node:` stands for Node's own modules. Tests may
 * import more: everything that their package declares, and the test tools of the root.
 */
const importsByRole: Readonly<Record<Exclude<Role, 'example'>, readonly string[]>> = {
  core: ['zod'],
  'http-client': ['@expunge/core', 'undici', 'zod'],
  connector: ['@expunge/core', '@expunge/http-client', 'zod'],
  engine: ['@expunge/core', 'zod', 'node:'],
  postgres: ['@expunge/core', '@expunge/engine', 'pg', 'pg-boss', 'node:'],
  lists: ['@expunge/core', '@expunge/engine', 'csv-parse', 'node:'],
  report: ['@expunge/core', '@expunge/engine', 'jose', 'zod', 'node:'],
  conformance: ['@expunge/core', '@expunge/vendor-sandbox', 'vitest', 'node:'],
  'vendor-sandbox': ['commander', 'node:'],
  // Its template is what a connector's own package may import.
  'create-connector': ['commander', 'node:'],
  runner: [
    '@expunge/core',
    '@expunge/engine',
    '@expunge/lists',
    '@expunge/report',
    // Only where the configuration names a ledger in PostgreSQL: an optional peer.
    '@expunge/postgres',
    'commander',
    'log-update',
    'picocolors',
    'undici',
    'yaml',
    'zod',
    'node:',
  ],
};

/** What single packages may import beyond their role. */
const importsByPackage: Readonly<Record<string, readonly string[]>> = {
  // Altcraft can speak XML on the wire.
  '@expunge/connector-altcraft': ['fast-xml-parser'],
  // OpenDSR's replies are signed: certificates and signatures are checked, and ids made, with Node's own means.
  '@expunge/connector-opendsr': ['node:crypto', 'node:tls'],
};

/** Which of our packages the tests of a role may use. */
const devPackagesByRole: Readonly<Record<Exclude<Role, 'example'>, RegExp>> = {
  core: /^$/,
  'http-client': /^$/,
  connector: /^@expunge\/(conformance|vendor-sandbox)$/,
  engine: /^$/,
  postgres: /^$/,
  lists: /^$/,
  report: /^$/,
  conformance: /^$/,
  'vendor-sandbox': /^$/,
  // What it writes into package.json, in the versions it was released with.
  'create-connector': /^@expunge\/(core|http-client|conformance|vendor-sandbox|runner)$/,
  runner: /^@expunge\/(connector-[a-z0-9-]+|postgres|vendor-sandbox)$/,
};

/** The role of a package by its folder: `packages/connector-mixpanel`. */
export function roleOf(folder: string): Role | undefined {
  const [group, name] = folder.split('/');
  if (group === 'examples') return 'example';
  if (group === 'apps') return name === 'runner' ? 'runner' : undefined;
  if (name?.startsWith('connector-')) return 'connector';
  return name !== undefined && name !== 'runner' && name in importsByRole ? (name as Role) : undefined;
}

function allowedImports(role: Role, manifest: Manifest): readonly string[] | undefined {
  // An example shows what a user may do, and a user may install anything.
  if (role === 'example') return undefined;
  return [...importsByRole[role], ...(importsByPackage[manifest.name ?? ''] ?? [])];
}

/** What is wrong with the imports of one source file (not a test). */
export function importFaults(text: string, role: Role, manifest: Manifest): readonly string[] {
  const allowed = allowedImports(role, manifest);
  const faults: string[] = [];
  for (const specifier of importsIn(text)) {
    if (specifier.startsWith('.')) {
      if (!specifier.endsWith('.ts')) faults.push(`imports '${specifier}', which does not end in .ts`);
      if (/\/(dist|src)\//.test(specifier)) faults.push(`imports '${specifier}', which reaches into another package`);
      continue;
    }
    const name = packageOf(specifier);
    // A package may be allowed one of Node's modules, by its whole name.
    const isAllowed = allowed === undefined || allowed.includes(name) || allowed.includes(specifier);
    if (!isAllowed) faults.push(`imports '${name}', which a ${role} may not`);
    const declared = { ...manifest.dependencies, ...manifest.peerDependencies };
    if (name !== 'node:' && !(name in declared))
      faults.push(`imports '${name}', which its package.json does not declare`);
  }
  return faults;
}

/** What is wrong with the imports of one test file. */
export function testImportFaults(text: string, manifest: Manifest, rootManifest: Manifest): readonly string[] {
  const declared = {
    ...rootManifest.devDependencies,
    ...manifest.dependencies,
    ...manifest.peerDependencies,
    ...manifest.devDependencies,
  };
  return importsIn(text)
    .filter((specifier) => !specifier.startsWith('.'))
    .map(packageOf)
    .filter((name) => name !== 'node:' && name !== manifest.name && !(name in declared))
    .map((name) => `imports '${name}', which no package.json declares for it`);
}

/** What is wrong with what a package.json depends on. */
export function dependencyFaults(role: Role, manifest: Manifest): readonly string[] {
  const allowed = allowedImports(role, manifest);
  if (allowed === undefined || role === 'example') return [];
  const faults = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })
    .filter((name) => !allowed.includes(name))
    .map((name) => `depends on '${name}', which a ${role} may not`);
  for (const name of Object.keys(manifest.devDependencies ?? {})) {
    if (name.startsWith('@expunge/') && !devPackagesByRole[role].test(name)) {
      faults.push(`tests with '${name}', which a ${role} may not`);
    }
  }
  return faults;
}

/** What is wrong with the name of a file: `src/parse-retry-after.test.ts`. */
export function fileNameFaults(path: string): readonly string[] {
  const name = path.split('/').at(-1) ?? '';
  const stem = name.split('.')[0] ?? '';
  const faults: string[] = [];
  if (!/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+(-[a-z]+)*)?(\.test|\.test-d|\.d)?\.ts$/.test(name)) {
    faults.push('is not named in kebab-case');
  }
  if (/^(utils?|helpers?|common|misc|types?|shared|stuff|lib)$/.test(stem)) {
    faults.push('is named after nothing that it does');
  }
  return faults;
}

/** What is missing from a connector, by the paths of its files: `src/index.ts`. */
export function connectorFileFaults(vendor: string, files: ReadonlyMap<string, string>): readonly string[] {
  const required = [
    'README.md',
    'LICENSE',
    'src/index.ts',
    `src/${vendor}-connector.ts`,
    `src/${vendor}-options.ts`,
    `src/${vendor}-error.ts`,
  ];
  const faults = required.filter((path) => !files.has(path)).map((path) => `has no ${path}`);
  const api = new RegExp(`^src/${vendor}-([a-z]+-)*api\\.ts$`);
  if (![...files.keys()].some((path) => api.test(path))) faults.push(`has no src/${vendor}-api.ts`);
  if (!hasDefaultExport(files.get('src/index.ts') ?? '')) faults.push('has no default export in src/index.ts');
  return faults;
}

/** What is wrong with the shape of a published package's package.json. */
export function manifestFaults(folder: string, manifest: Manifest): readonly string[] {
  const faults: string[] = [];
  const expected = `@expunge/${folder.split('/')[1]}`;
  if (manifest.name !== expected) faults.push(`is not named ${expected}`);
  if (!manifest.description) faults.push('has no description');
  if (manifest.license !== 'MIT') faults.push("has another licence than 'MIT'");
  if (manifest.type !== 'module') faults.push("has no type 'module'");
  if (manifest.sideEffects !== false) faults.push('has no sideEffects: false');
  if (manifest.private === true) faults.push('is private');
  if (manifest.engines?.node === undefined) faults.push('has no engines.node');
  for (const file of ['dist', 'README.md', 'LICENSE', 'CHANGELOG.md']) {
    if (!manifest.files?.includes(file)) faults.push(`has no '${file}' in files`);
  }
  faults.push(...exportFaults(manifest.exports ?? {}));
  return faults;
}

function exportFaults(entries: Readonly<Record<string, unknown>>): readonly string[] {
  const faults: string[] = [];
  for (const required of ['.', './package.json']) {
    if (!(required in entries)) faults.push(`has no '${required}' in exports`);
  }
  for (const [path, entry] of Object.entries(entries)) {
    if (path === './package.json') continue;
    const keys = typeof entry === 'object' && entry !== null ? Object.keys(entry).join(', ') : typeof entry;
    // `default`, not `import`: resolving by a config file's folder goes through `require.resolve`. `types` comes first.
    if (keys !== 'types, default') faults.push(`exports '${path}' as { ${keys} } instead of { types, default }`);
  }
  return faults;
}

/** Names that only an app may use: they reach for the process, the terminal or the clock. */
const namesOfTheOutside = ['process', 'console', 'setTimeout', 'setInterval', 'setImmediate'];

/** Where a source of core, http-client or a connector reaches for the process, the terminal or a timer. */
export function outsideFaults(text: string): readonly string[] {
  return identifiersIn(text)
    .filter((name) => namesOfTheOutside.includes(name))
    .map((name) => `uses ${name}`);
}

/**
 * Says which statements ask for whatever columns there are. A migration that adds one changes what they answer, and PostgreSQL
 * refuses a statement that was prepared before.
 */
export function everyColumnFaults(text: string): readonly string[] {
  const faults: string[] = [];
  visitAll(text, (node) => {
    const isText = ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node);
    if (isText && everyColumn.test(node.text)) faults.push('asks for every column by *: name them');
  });
  return faults;
}

const everyColumn = /\b(SELECT|RETURNING|DISTINCT)\s+(\w+\.)?\*|\w\.\*/i;

/** Where a connector reads the clock. */
export function clockFaults(text: string): readonly string[] {
  const faults: string[] = [];
  visitAll(text, (node) => {
    if (ts.isPropertyAccessExpression(node) && /^(Date|performance)\.now$/.test(node.getText())) {
      faults.push(`reads the clock by ${node.getText()}`);
    }
    const isDate = (callee: ts.Expression) => ts.isIdentifier(callee) && callee.text === 'Date';
    if (ts.isNewExpression(node) && isDate(node.expression) && (node.arguments ?? []).length === 0) {
      faults.push('reads the clock by new Date()');
    }
    if (ts.isCallExpression(node) && isDate(node.expression)) faults.push('reads the clock by Date()');
  });
  return faults;
}

/** Where a place in this project is named by the path of a URL, in which a space is `%20` and which leads nowhere then. */
export function urlPathFaults(text: string): readonly string[] {
  const faults: string[] = [];
  visitAll(text, (node) => {
    if (!ts.isPropertyAccessExpression(node) || node.name.text !== 'pathname') return;
    if (ts.isNewExpression(node.expression) && node.expression.getText().includes('import.meta.url')) {
      faults.push('takes the pathname of import.meta.url for a path; fileURLToPath makes one');
    }
  });
  return faults;
}

/** The names under which the runner knows the terminal's two streams. */
const printingStreams = /(^|\.)(output|messages|stdout|stderr|stream)$/;

/** Where a source of the runner prints around `output/print.ts`, which makes harmless what a terminal would take for a command. */
export function printingFaults(text: string): readonly string[] {
  const faults: string[] = [];
  const isStream = (node: ts.Node | undefined) => node !== undefined && printingStreams.test(node.getText());
  visitAll(text, (node) => {
    if (!ts.isCallExpression(node)) return;
    const { expression } = node;
    const isWrite = ts.isPropertyAccessExpression(expression) && /^(write|end)$/.test(expression.name.text);
    if (isWrite && isStream(expression.expression)) faults.push(`prints by ${expression.getText()}, not by print.ts`);
    const isPipe = /(^|\.)(pipeline|pipe)$/.test(expression.getText());
    if (isPipe && node.arguments.some(isStream)) faults.push(`prints by ${expression.getText()}, not by print.ts`);
  });
  return faults;
}

/** Where a command to copy carries a value that a shell may read otherwise, or run. */
export function unquotedCommandFaults(text: string): readonly string[] {
  const faults: string[] = [];
  visitAll(text, (node) => {
    if (!ts.isTemplateExpression(node)) return;
    let before = node.head.text;
    for (const { expression, literal } of node.templateSpans) {
      // From the command's name to here, nothing has ended the command.
      const isInCommand = /\b(expunge|chmod)( --?[\w-]+| [\w-]+| \0)+[ =]$/.test(before);
      if (isInCommand && !/\bshell(Quote|Argument)\(/.test(expression.getText())) {
        faults.push(`puts ${expression.getText()} into a command without shellQuote`);
      }
      before += `\0${literal.text}`;
    }
  });
  return faults;
}

function importsIn(text: string): readonly string[] {
  return ts.preProcessFile(text, true, true).importedFiles.map((file) => file.fileName);
}

function packageOf(specifier: string): string {
  if (specifier.startsWith('node:')) return 'node:';
  const parts = specifier.split('/');
  return parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
}

function hasDefaultExport(text: string): boolean {
  let found = false;
  visitAll(text, (node) => {
    if (ts.isExportAssignment(node) && !node.isExportEquals) found = true;
    if (ts.isExportSpecifier(node) && node.name.text === 'default') found = true;
  });
  return found;
}

/** The identifiers that stand for a variable, not those that name a property. */
function identifiersIn(text: string): readonly string[] {
  const names: string[] = [];
  visitAll(text, (node) => {
    if (!ts.isIdentifier(node)) return;
    const { parent } = node;
    const isPropertyOfGlobal = ts.isPropertyAccessExpression(parent) && parent.expression.getText() === 'globalThis';
    const isPropertyName =
      (ts.isPropertyAccessExpression(parent) && parent.name === node && !isPropertyOfGlobal) ||
      ((ts.isPropertyAssignment(parent) ||
        ts.isPropertySignature(parent) ||
        ts.isMethodSignature(parent) ||
        ts.isMethodDeclaration(parent) ||
        ts.isPropertyDeclaration(parent)) &&
        parent.name === node);
    if (!isPropertyName) names.push(node.text);
  });
  return names;
}

export function visitAll(text: string, look: (node: ts.Node) => void): void {
  const visit = (node: ts.Node): void => {
    look(node);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('source.ts', text, ts.ScriptTarget.Latest, true));
}

/** A machine at its limits takes a minute for what takes a second alone. */
const shortestTestClockMs = 120_000;

/** Where a test ends, or a wait in it, by a clock that a busy machine does not keep up with. */
export function shortClockFaults(text: string): readonly string[] {
  const faults: string[] = [];
  if (/\bvi\.wait(For|Until)\(/.test(text)) {
    faults.push('waits by vi.waitFor, which gives up after a second; expect.poll has a bound for busy machines');
  }
  for (const [clock, ms = ''] of text.matchAll(/(?:\btimeout: |^ *\}, )([\d_]+)(?=,| \}|\);|\n)/gm)) {
    if (Number(ms.replaceAll('_', '')) < shortestTestClockMs) faults.push(`ends by a short clock: ${clock.trim()}`);
  }
  return faults;
}
