#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { connectorPackageFiles } from './connector-package.ts';
import { createVendorCommand } from './vendor-command.ts';
import { CreateError, vendorNamesOf } from './vendor-names.ts';
import { requireEmptyFolder, writeNewFiles } from './write-files.ts';

interface CliOptions {
  readonly title?: string;
  readonly folder?: string;
  readonly packageName?: string;
}

// The published package.json names the versions that this package was released with; they are what is written.
const manifest: { readonly devDependencies: Readonly<Record<string, string>> } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
);

const program = createVendorCommand('create-connector')
  .description('Writes a new Expunge connector into an empty folder: npm create @expunge/connector <vendor>')
  .option('--folder <path>', 'where to; default: ./expunge-connector-<vendor>')
  .option('--package-name <name>', "the package's name; default: expunge-connector-<vendor>")
  .action((vendor: string, options: CliOptions) => {
    const names = vendorNamesOf(vendor, options.title);
    const packageName = options.packageName ?? `expunge-connector-${names.kebab}`;
    const folder = options.folder ?? `expunge-connector-${names.kebab}`;
    const files = connectorPackageFiles({ names, packageName, versions: manifest.devDependencies });
    requireEmptyFolder(resolve(folder));
    writeNewFiles(resolve(folder), files);
    const written = [...files.keys()].sort().map((path) => `  ${path}`);
    process.stdout.write(
      [`${packageName} was written to ${folder}:`, ...written, '', ...nextSteps(folder, names.kebab), ''].join('\n'),
    );
  });

function nextSteps(folder: string, vendor: string): string[] {
  return [
    'Next:',
    `  cd ${folder}`,
    '  npm install',
    '  npm test        every red line says what to write, and where the guide speaks of it',
    '',
    `Begin with ${vendor}.md, what the vendor's documents say. The guide is docs/add-a-connector.md of Expunge.`,
  ];
}

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CreateError)) throw error;
  process.stderr.write(`create-connector: ${error.message}\n`);
  process.exitCode = 1;
}
