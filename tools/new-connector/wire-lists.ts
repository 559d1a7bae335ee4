import type { VendorNames } from '../../packages/create-connector/src/vendor-names.ts';

/** A file that lists the vendors, and how one is added to it. */
export interface VendorList {
  /** From the root. */
  readonly path: string;
  /** The file with the vendor in it. Throws where the list is no longer where it was. */
  readonly add: (text: string, names: VendorNames) => string;
}

/** Every list of vendors that can't be worked out from the folders. */
export const vendorLists: readonly VendorList[] = [
  { path: 'packages/vendor-sandbox/src/start-sandbox.ts', add: addStarter },
  {
    path: 'packages/vendor-sandbox/src/index.ts',
    add: (text, { pascal, camel, kebab }) =>
      `${text}export { type ${pascal}Sandbox, type ${pascal}Settings, ${camel}SandboxCredentials, start${pascal}Sandbox } from './${kebab}-sandbox.ts';\n`,
  },
  {
    path: 'packages/vendor-sandbox/README.md',
    add: (text, { title }) =>
      insertBefore(text, '## A fake vendor of your own\n', [
        `### ${title}`,
        '',
        'UNFINISHED: its calls, its people, its settings as a table, its limits (guide: The fake vendor).',
        '',
        '',
      ]),
  },
  { path: 'apps/runner/src/config/starter-config.ts', add: addStarterConfig },
  {
    path: 'README.md',
    add: (text, { kebab, title }) =>
      addRow(
        text.replace(' | the connectors |', `, [-${kebab}](packages/connector-${kebab}) | the connectors |`),
        '| deletion | can promise |',
        `| [${title}](docs/vendors/${kebab}.md) | UNFINISHED: what it can promise, as on the vendor's page | what it can't |`,
      ),
  },
  { path: 'docs/vendors/README.md', add: addToIndex },
];

function addStarter(text: string, { kebab, pascal }: VendorNames): string {
  const key = /^[a-z0-9]+$/.test(kebab) ? kebab : `'${kebab}'`;
  const settings = key === kebab ? `settings.${kebab}` : `settings[${key}]`;
  const imported = insertBefore(text, 'import { resolveVendorOptions,', [
    `import { type ${pascal}Settings, start${pascal}Sandbox } from './${kebab}-sandbox.ts';`,
    '',
  ]);
  const known = insertBefore(imported, '}\n\n/** One line per vendor', [`  ${key}?: Partial<${pascal}Settings>;`, '']);
  return insertBefore(known, '} satisfies Record<string,', [
    `  ${key}: (options, settings) => start${pascal}Sandbox({ ...options, settings: ${settings} ?? {} }),`,
    '',
  ]);
}

function addStarterConfig(text: string, { kebab, title, constant }: VendorNames): string {
  // Before the one that stands for any vendor.
  return insertBefore(text, "  {\n    name: 'http',", [
    '  {',
    `    name: '${kebab}',`,
    `    vendor: '${kebab}',`,
    `    package: '@expunge/connector-${kebab}',`,
    `    environment: ['${constant}_API_KEY'],`,
    `    yaml: \`  # ${title}: UNFINISHED: what is deleted and how long that takes, with its options and identifiers`,
    `  ${kebab}:`,
    `    package: "@expunge/connector-${kebab}"`,
    '    options:',
    `      apiKey: { env: ${constant}_API_KEY }`,
    '`,',
    '  },',
    '',
  ]);
}

function addToIndex(text: string, { kebab, title }: VendorNames): string {
  const listed = addRow(
    text,
    '| page | deletions of Expunge |',
    `| [${kebab}.md](${kebab}.md) | UNFINISHED: their names |`,
  );
  const heading = '## The deletions side by side\n\n';
  const start = requireIndex(listed, heading) + heading.length;
  const end = listed.indexOf('\n\n', start);
  const column = listed
    .slice(start, end)
    .split('\n')
    .map((row, index) => `${row}${index === 0 ? ` ${title} |` : index === 1 ? '---|' : ' UNFINISHED: to be said |'}`);
  return `${listed.slice(0, start)}${column.join('\n')}${listed.slice(end)}`;
}

/** Adds a row at the end of the table whose head begins so. */
function addRow(text: string, head: string, row: string): string {
  const end = text.indexOf('\n\n', requireIndex(text, head));
  return `${text.slice(0, end)}\n${row}${text.slice(end)}`;
}

function insertBefore(text: string, anchor: string, lines: readonly string[]): string {
  const index = requireIndex(text, anchor);
  return `${text.slice(0, index)}${lines.join('\n')}${text.slice(index)}`;
}

function requireIndex(text: string, anchor: string): number {
  const index = text.indexOf(anchor);
  if (index < 0)
    throw new Error(`A list of vendors is no longer where tools/new-connector looks for it: "${anchor.trim()}".`);
  return index;
}
