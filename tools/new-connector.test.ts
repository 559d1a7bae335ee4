import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { CreateError, vendorNamesOf } from '../packages/create-connector/src/vendor-names.ts';
import { addConnector } from './new-connector/add-connector.ts';
import { runCommand } from './run-command.ts';

const root = join(import.meta.dirname, '..');
const names = vendorNamesOf('customer-io', 'Customer.io');
const passedOver = new Set(['node_modules', 'dist', '.git', '.turbo', '.demo', 'site', 'coverage']);

/** A copy of this repository, with what is installed here. */
function copyRepository(): string {
  const copy = mkdtempSync(join(tmpdir(), 'new-connector-'));
  onTestFinished(() => rmSync(copy, { recursive: true, force: true }));
  cpSync(root, copy, {
    recursive: true,
    filter: (path) => !passedOver.has(relative(root, path).split('/').at(-1) ?? ''),
  });
  const groups = ['packages', 'apps', 'examples'].flatMap((group) =>
    readdirSync(join(root, group)).map((name) => `${group}/${name}`),
  );
  for (const folder of ['.', ...groups]) {
    const installed = join(root, folder, 'node_modules');
    if (existsSync(installed)) symlinkSync(installed, join(copy, folder, 'node_modules'), 'junction');
  }
  return copy;
}

const run = (folder: string, command: string, ...parameters: string[]) =>
  runCommand(join(root, 'node_modules/.bin', command), parameters, {
    folder,
    environment: { PATH: process.env.PATH, NO_COLOR: '1', CI: '1' },
  });

it('adds a connector that compiles, is linted, is in every list, and is red', async () => {
  const copy = copyRepository();
  const { written, changed } = addConnector(copy, names);
  const folder = 'packages/connector-customer-io';
  symlinkSync(join(root, 'packages/connector-clevertap/node_modules'), join(copy, folder, 'node_modules'), 'junction');
  for (const path of written) {
    expect(`${path} ${readFileSync(join(copy, path), 'utf8')}`).not.toMatch(/acme/i);
  }

  const code = [...written, ...changed].filter((path) => /\.(ts|json)$/.test(path));
  const linted = await run(copy, 'biome', 'check', '--write', '--error-on-warnings', '--vcs-enabled=false', ...code);
  expect(linted.exitCode, linted.output).toBe(0);

  const include = [`${folder}/src`, 'packages/vendor-sandbox/src', 'apps/runner/src/config/starter-config.ts'];
  writeFileSync(join(copy, 'tsconfig.part.json'), JSON.stringify({ extends: './tsconfig.json', include }));
  const compiled = await run(copy, 'tsc', '--noEmit', '-p', 'tsconfig.part.json');
  expect(compiled.exitCode, compiled.output).toBe(0);

  const tested = await run(
    copy,
    'vitest',
    ...['run', folder, 'tools/unfinished.test.ts', 'tools/conventions.test.ts', 'tools/documentation.test.ts'],
    ...['packages/vendor-sandbox/src/customer-io-sandbox.test.ts', 'packages/vendor-sandbox/src/start-sandbox.test.ts'],
    'apps/runner/src/config/starter-config.test.ts',
  );
  expect(tested.exitCode).toBe(1);
  const failed = [
    ...new Set([...tested.output.matchAll(/^ FAIL {2}(?:\|\w+\| )?(\S+)/gm)].map(([, file]) => file)),
  ].sort();
  // Red where there is something to write. The conventions, the links and the fakes of the others hold all the time.
  expect(failed, tested.output).toEqual([
    'apps/runner/src/config/starter-config.test.ts',
    `${folder}/src/customer-io-connector.conformance.test.ts`,
    `${folder}/src/customer-io-connector.test.ts`,
    `${folder}/src/unfinished.test.ts`,
    'packages/vendor-sandbox/src/customer-io-sandbox.test.ts',
    'tools/unfinished.test.ts',
  ]);
  for (const path of changed.filter(
    (each) => !each.endsWith('vendor-sandbox/src/index.ts') && !each.endsWith('start-sandbox.ts'),
  )) {
    expect(tested.output, path).toContain(`"${path}:`);
  }
  expect(tested.output).toContain(`"${folder}/src/customer-io-capabilities.ts:`);
  expect(tested.output).toContain('"docs/vendors/customer-io.md:');
});

it('does nothing where there is such a connector already', () => {
  const copy = copyRepository();
  addConnector(copy, names);
  const before = readFileSync(join(copy, 'README.md'), 'utf8');
  expect(() => addConnector(copy, names)).toThrow(CreateError);
  expect(() => addConnector(copy, vendorNamesOf('clevertap'))).toThrow(/is there already\. Nothing was written\./);
  expect(readFileSync(join(copy, 'README.md'), 'utf8')).toBe(before);
});

it('does nothing where a list is no longer where it was', () => {
  const copy = copyRepository();
  writeFileSync(join(copy, 'docs/vendors/README.md'), '# Moved\n');
  expect(() => addConnector(copy, names)).toThrow(
    /A list of vendors is no longer where tools\/new-connector looks for it/,
  );
  expect(existsSync(join(copy, 'packages/connector-customer-io'))).toBe(false);
});
