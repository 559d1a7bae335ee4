import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { findUnfinished } from '@expunge/conformance';
import { describe, expect, it, onTestFinished } from 'vitest';

const packageFolder = join(import.meta.dirname, '..');
const repository = join(packageFolder, '../..');
const example = join(repository, 'examples/custom-connector');

async function run(folder: string, ...commandLine: string[]) {
  const child = spawn(process.execPath, commandLine, {
    cwd: folder,
    env: { PATH: process.env.PATH, NO_COLOR: '1', CI: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [output, messages, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { output, messages, code };
}

function openFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'create-connector-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const create = (folder: string, ...commandArguments: string[]) =>
  run(folder, join(packageFolder, 'src/cli.ts'), ...commandArguments);

/** A new package with its dependencies in place: those of this package are the ones that it is given. */
async function createInstalled(...commandArguments: string[]): Promise<string> {
  const built = join(packageFolder, 'node_modules/@expunge/conformance/dist/index.js');
  if (!existsSync(built)) throw new Error('A new package uses what is built. Run `pnpm build` first.');
  const folder = openFolder();
  const created = await create(folder, ...commandArguments, '--folder', 'new');
  expect(created.code, created.messages).toBe(0);
  symlinkSync(join(packageFolder, 'node_modules'), join(folder, 'new/node_modules'), 'junction');
  return join(folder, 'new');
}

const typecheck = (folder: string) => run(folder, 'node_modules/typescript/bin/tsc', '--noEmit');
const build = (folder: string) => run(folder, 'node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json');
const test = async (folder: string, ...files: string[]) => {
  const { code, output, messages } = await run(folder, 'node_modules/vitest/vitest.mjs', 'run', ...files);
  return { code, output: `${output}${messages}` };
};

describe('a new package', () => {
  it('compiles, and is red at every place that is left to its author', async () => {
    const folder = await createInstalled('customer-io', '--title', 'Customer.io', '--package-name', '@example/cio');
    const leftOvers = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.(ts|md|json|yaml)$/.test(path) && !path.startsWith('node_modules'))
      .filter((path) => /acme/i.test(`${path} ${readFileSync(join(folder, path), 'utf8')}`));
    expect(leftOvers).toEqual([]);
    expect(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))).toMatchObject({ name: '@example/cio' });
    expect(existsSync(join(folder, '.gitignore'))).toBe(true);

    const compiled = await typecheck(folder);
    expect(compiled.code, compiled.output).toBe(0);

    const places = findUnfinished([folder]);
    expect(places.length).toBeGreaterThan(35);
    const tested = await test(folder);
    expect(tested.code).toBe(1);
    for (const { file, line, what } of places) expect(tested.output).toContain(`${file}:${line} ${what}`);
    expect(tested.output).toContain('The guide is docs/add-a-connector.md');
    // The connector itself can't be made, so that nobody can run it by mistake.
    expect(tested.output).toMatch(/is made, with its harness\nError: Unfinished: /);
  });

  it('is green once it is written, and red while the list of what is left is kept', async () => {
    const folder = await createInstalled('acme');
    for (const name of ['src', 'test', 'acme.md', 'README.md', 'expunge.config.yaml']) {
      cpSync(join(example, name), join(folder, name), { recursive: true });
    }
    expect(findUnfinished([folder])).toEqual([]);
    const built = await build(folder);
    expect(built.code, built.output).toBe(0);

    const kept = await test(folder, 'src/unfinished.test.ts');
    expect(kept.code).toBe(1);
    expect(kept.output).toContain('Everything is written. Delete src/unfinished.ts and src/unfinished.test.ts');

    rmSync(join(folder, 'src/unfinished.ts'));
    rmSync(join(folder, 'src/unfinished.test.ts'));
    const compiled = await typecheck(folder);
    expect(compiled.code, compiled.output).toBe(0);
    const tested = await test(folder);
    expect(tested.code, tested.output).toBe(0);
  });

  it('has the files of the example, and what leads there', async () => {
    const folder = openFolder();
    await create(folder, 'acme', '--folder', '.');
    const ofExample = readdirSync(example, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) =>
        join(entry.parentPath, entry.name)
          .slice(example.length + 1)
          .replaceAll('\\', '/'),
      )
      .filter((path) => !/^(node_modules|dist|\.turbo)\//.test(path));
    const created = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) =>
        join(entry.parentPath, entry.name)
          .slice(folder.length + 1)
          .replaceAll('\\', '/'),
      );
    expect(created.sort()).toEqual([...ofExample, '.gitignore', 'src/unfinished.test.ts', 'src/unfinished.ts'].sort());
  });
});

describe('the command', () => {
  it('names what it wrote and what to do next', async () => {
    const folder = openFolder();
    const { code, output } = await create(folder, 'braze');
    expect(code).toBe(0);
    expect(output).toContain('expunge-connector-braze was written to expunge-connector-braze:');
    expect(output).toContain('  src/braze-connector.ts\n');
    expect(output).toContain('  cd expunge-connector-braze\n  npm install\n  npm test');
    expect(output).toContain('Begin with braze.md');
  });

  it('refuses a folder in which something is, and writes nothing', async () => {
    const folder = openFolder();
    writeFileSync(join(folder, 'precious.txt'), '');
    const { code, messages } = await create(folder, 'braze', '--folder', '.');
    expect(code).toBe(1);
    expect(messages).toMatch(/is not empty\. Nothing was written: choose another folder with --folder\./);
    expect(readdirSync(folder)).toEqual(['precious.txt']);
  });

  it('takes a folder that holds a fresh git repository only', async () => {
    const folder = openFolder();
    mkdirSync(join(folder, '.git'));
    expect((await create(folder, 'braze', '--folder', '.')).code).toBe(0);
  });

  it.each([
    [['Braze!'], /'Braze!' is no name for a vendor here/],
    [['braze', '--title', "O'Braze"], /A title is at most 40 letters/],
    [['braze', '--package-name', 'My Package'], /'My Package' is no name of an npm package/],
    [[], /missing required argument 'vendor'/],
  ])('refuses %j with a sentence, and writes nothing', async (commandArguments, sentence) => {
    const folder = openFolder();
    const { code, messages } = await create(folder, ...commandArguments);
    expect(code).toBe(1);
    expect(messages).toMatch(sentence);
    expect(messages).not.toContain('    at ');
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('the template', () => {
  const guide = readFileSync(join(repository, 'docs/add-a-connector.md'), 'utf8');
  const sections = findUnfinished([join(packageFolder, 'template')]).flatMap(
    ({ what }) => /\(guide: ([^)]+)\)/.exec(what)?.[1] ?? [],
  );

  it('names sections that the guide has', () => {
    const headings = [...guide.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading);
    expect(sections.length).toBeGreaterThan(25);
    expect(
      [...new Set(sections)].map((section) => section.replace('’', "'")).filter((each) => !headings.includes(each)),
    ).toEqual([]);
  });
});
