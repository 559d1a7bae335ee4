import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
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

interface Case {
  readonly what: string;
  readonly code: string;
  /** Biome does not see it. */
  readonly isForTypeScriptAlone?: true;
}

const cases: readonly Case[] = [
  {
    what: 'a function of the same package',
    code: 'export async function run(): Promise<void> {\n  AWAIT erase();\n}\n',
  },
  {
    what: 'a function of another package',
    code: "export async function run(request: HttpRequest): Promise<void> {\n  AWAIT sendRequest(request, { vendor: 'toy', call: undefined });\n}\n",
  },
  {
    what: 'a method of the contract',
    code: 'export async function run(connector: DeletionConnector): Promise<void> {\n  AWAIT connector.submit([]);\n}\n',
  },
  {
    what: 'an optional method of the contract',
    code: 'export async function run(connector: DeletionConnector): Promise<void> {\n  AWAIT connector.check?.({});\n}\n',
    isForTypeScriptAlone: true,
  },
];
const letGo = 'export function run(): void {\n  erase().catch(() => undefined);\n  void erase();\n}\n';

/** The lines in which each file of the fixture has a promise that nobody awaits: to Biome, and to ours. */
let seenByBiome: ReadonlyMap<string, readonly number[]>;
let seenByUs: ReadonlyMap<string, readonly number[]>;

// All cases are looked at together: a start of Biome, and of TypeScript with its libraries, costs seconds.
beforeAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  writeFileSync(join(folder, 'erase.ts'), "export async function erase(): Promise<string> {\n  return 'gone';\n}\n");
  for (const [index, { code }] of cases.entries()) {
    writeFileSync(join(folder, `forgotten-${index}.ts`), head + code.replace('AWAIT ', ''));
    writeFileSync(join(folder, `awaited-${index}.ts`), head + code.replace('AWAIT ', 'await '));
  }
  writeFileSync(join(folder, 'let-go.ts'), head + letGo);
  seenByBiome = await floatingPromises();
  seenByUs = forgottenAwaits();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the lint', () => {
  for (const [index, { what, isForTypeScriptAlone }] of cases.entries()) {
    if (isForTypeScriptAlone) continue;
    it(`sees that the promise of ${what} is not awaited`, () => {
      expect(seenByBiome.get(`forgotten-${index}.ts`)).toEqual([lineOfTheCall]);
    });

    it(`is content where the promise of ${what} is awaited`, () => {
      expect(seenByBiome.get(`awaited-${index}.ts`)).toBeUndefined();
    });
  }
});

describe('findForgottenAwaits', () => {
  for (const [index, { what }] of cases.entries()) {
    it(`sees that the promise of ${what} is not awaited`, () => {
      expect(seenByUs.get(`forgotten-${index}.ts`)).toEqual([lineOfTheCall]);
    });

    it(`is content where the promise of ${what} is awaited`, () => {
      expect(seenByUs.get(`awaited-${index}.ts`)).toBeUndefined();
    });
  }

  it('is content with a promise whose failure is handled, and with one that is let go on purpose', () => {
    expect(seenByUs.get('let-go.ts')).toBeUndefined();
  });

  it('looks at all of this project where its types are checked', () => {
    const { scripts }: { readonly scripts: Readonly<Record<string, string>> } = JSON.parse(
      readFileSync(join(root, 'package.json'), 'utf8'),
    );
    expect(scripts.typecheck).toBe('node tools/check-types.ts');
    expect(readFileSync(join(root, 'tools/check-everything.ts'), 'utf8')).toContain("'tools/check-types.ts'");
  });
});

/** What Biome, configured as the project configures it, reports. */
async function floatingPromises(): Promise<ReadonlyMap<string, readonly number[]>> {
  const report = await new Promise<string>((resolve) => {
    const biome = join(root, 'node_modules/.bin/biome');
    const command = ['lint', '--reporter=json', '--max-diagnostics=none', folder];
    // Its exit code says only whether there was any finding; unused imports of the fixture are findings too.
    execFile(biome, command, { cwd: root, maxBuffer: 1 << 26 }, (_error, output) => resolve(output));
  });
  const { diagnostics } = JSON.parse(report) as {
    diagnostics: {
      severity: string;
      category: string;
      location: { path: string | { file: string }; start: { line: number } };
    }[];
  };
  return linesByFile(
    diagnostics
      .filter(({ category, severity }) => category === 'lint/nursery/noFloatingPromises' && severity === 'error')
      .map(({ location: { path, start } }) => ({
        file: typeof path === 'string' ? path : path.file,
        line: start.line,
      })),
  );
}

function forgottenAwaits(): ReadonlyMap<string, readonly number[]> {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const files = ['forgotten', 'awaited'].flatMap((name) => cases.map((_case, index) => `${name}-${index}.ts`));
  const program = ts.createProgram(
    [...files, 'let-go.ts'].map((file) => join(folder, file)),
    options,
  );
  return linesByFile(findForgottenAwaits(program, (name) => name.startsWith(folder)));
}

function linesByFile(found: readonly { readonly file: string; readonly line: number }[]) {
  const lines = new Map<string, number[]>();
  for (const { file, line } of found) lines.set(basename(file), [...(lines.get(basename(file)) ?? []), line]);
  return lines;
}
