import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findForgottenAwaits } from './find-forgotten-awaits.ts';

const root = join(import.meta.dirname, '..');
// Inside the project, so that its biome.json and its path aliases apply. TypeScript's `include` passes over it (the dot).
const folder = join(import.meta.dirname, '.forgotten-await-fixture');

const head = `// Written by tools/lint-catches-forgotten-await.test.ts, and removed by it. Safe to delete.
import type { DeletionConnector } from '@expunge/core';
import { type HttpRequest, sendRequest } from '@expunge/http-client';
import { erase } from './erase.ts';
`;
const lineOfTheCall = 6;
const cases = {
  'a function of the same package': 'export async function run(): Promise<void> {\n  AWAIT erase();\n}\n',
  'a function of another package':
    "export async function run(request: HttpRequest): Promise<void> {\n  AWAIT sendRequest(request, { vendor: 'toy' });\n}\n",
  'a method of the contract':
    'export async function run(connector: DeletionConnector): Promise<void> {\n  AWAIT connector.submit([]);\n}\n',
} as const;
const optionalMethod =
  'export async function run(connector: DeletionConnector): Promise<void> {\n  AWAIT connector.check?.({});\n}\n';

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  writeFileSync(join(folder, 'erase.ts'), "export async function erase(): Promise<string> {\n  return 'gone';\n}\n");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the lint', () => {
  for (const [name, code] of Object.entries(cases)) {
    it(`sees that the promise of ${name} is not awaited`, async () => {
      expect(await floatingPromises(writeFixture(code, ''))).toEqual([lineOfTheCall]);
    });

    it(`is content where the promise of ${name} is awaited`, async () => {
      expect(await floatingPromises(writeFixture(code, 'await '))).toEqual([]);
    });
  }
});

describe('findForgottenAwaits', () => {
  for (const [name, code] of Object.entries({ ...cases, 'an optional method of the contract': optionalMethod })) {
    it(`sees that the promise of ${name} is not awaited`, () => {
      expect(forgottenIn(writeFixture(code, ''))).toEqual([lineOfTheCall]);
    });

    it(`is content where the promise of ${name} is awaited`, () => {
      expect(forgottenIn(writeFixture(code, 'await '))).toEqual([]);
    });
  }

  it('is content with a promise whose failure is handled, and with one that is let go on purpose', () => {
    const code = 'export function run(): void {\n  erase().catch(() => undefined);\n  void erase();\n}\n';
    expect(forgottenIn(writeFixture(code, ''))).toEqual([]);
  });

  it('finds none in this project', () => {
    const project = readProject();
    const program = ts.createProgram(project.fileNames, project.options);
    const found = findForgottenAwaits(program, (file) => file.startsWith(root) && !file.includes('/node_modules/'));
    expect(found).toEqual([]);
  });
});

function writeFixture(code: string, inPlaceOfAwait: string): string {
  const file = join(folder, 'forgotten.ts');
  writeFileSync(file, head + code.replace('AWAIT ', inPlaceOfAwait));
  return file;
}

/** The lines in which Biome, configured as the project configures it, reports a promise that nobody awaits. */
async function floatingPromises(file: string): Promise<readonly number[]> {
  const report = await new Promise<string>((resolve) => {
    const biome = join(root, 'node_modules/.bin/biome');
    // Its exit code says only whether there was any finding; unused imports of the fixture are findings too.
    execFile(biome, ['lint', '--reporter=json', file], { cwd: root }, (_error, output) => resolve(output));
  });
  const { diagnostics } = JSON.parse(report) as {
    diagnostics: { severity: string; category: string; location: { start: { line: number } } }[];
  };
  return diagnostics
    .filter(({ category, severity }) => category === 'lint/nursery/noFloatingPromises' && severity === 'error')
    .map(({ location }) => location.start.line);
}

function forgottenIn(file: string): readonly number[] {
  const program = ts.createProgram([file], readProject().options);
  return findForgottenAwaits(program, (name) => name === file).map(({ line }) => line);
}

function readProject(): ts.ParsedCommandLine {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  return ts.parseJsonConfigFileContent(config, ts.sys, root);
}
