/** Makes a connector inside this repository, wired and red: `pnpm new-connector <vendor>`. */
import { fileURLToPath } from 'node:url';
import { createVendorCommand } from '../packages/create-connector/src/vendor-command.ts';
import { CreateError, vendorNamesOf } from '../packages/create-connector/src/vendor-names.ts';
import { addConnector } from './new-connector/add-connector.ts';
import { runCommand } from './run-command.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

const program = createVendorCommand('new-connector').action(async (vendor: string, options: { title?: string }) => {
  const names = vendorNamesOf(vendor, options.title);
  const { written, changed } = addConnector(root, names);
  const code = [...written, ...changed].filter((path) => /\.(ts|json)$/.test(path));
  await pnpm('exec', 'biome', 'check', '--write', ...code);
  await pnpm('install', '--no-frozen-lockfile');
  const lines = [
    'Written:',
    ...written.map((path) => `  ${path}`),
    'Changed:',
    ...[...changed, 'pnpm-lock.yaml'].map((path) => `  ${path}`),
    '',
    'Next:',
    `  pnpm unit packages/connector-${vendor} tools/unfinished.test.ts`,
    '                  every red line says what to write, and where the guide speaks of it',
    '',
    `Begin with docs/vendors/${vendor}.md. The guide is docs/add-a-connector.md.`,
    '',
  ];
  process.stdout.write(lines.join('\n'));
});

async function pnpm(...commandArguments: string[]): Promise<void> {
  const { exitCode, output } = await runCommand('pnpm', commandArguments, { folder: root, environment: process.env });
  if (exitCode !== 0) throw new CreateError(`pnpm ${commandArguments.slice(0, 2).join(' ')} failed:\n${output}`);
}

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CreateError)) throw error;
  process.stderr.write(`new-connector: ${error.message}\n`);
  process.exitCode = 1;
}
