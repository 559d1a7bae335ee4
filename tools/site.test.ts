import { globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readFiles, readWorkspace } from './read-workspace.ts';
import { chooseBrowser, type Machine } from './site/find-browser.ts';
import { findDeadLinks } from './site/find-dead-links.ts';
import { listPages } from './site/list-pages.ts';

const root = join(import.meta.dirname, '..');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'expunge-site-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

describe('what is on the documentation site', () => {
  it('is every Markdown file of this project', () => {
    const pages = new Set(listPages(root).map(({ path }) => path));
    // The start page, and what opens the reference of its package.
    const elsewhere = /^(README\.md|(packages|apps)\/[a-z-]+\/(README|CHANGELOG)\.md|\.changeset\/.+|site\/.+)$/;
    const markdown = [...readFiles(root).keys()].filter(
      (path) => path.endsWith('.md') && !/\/(template|fixtures)\//.test(path) && !elsewhere.test(path),
    );
    expect(markdown.filter((path) => !pages.has(path))).toEqual([]);
  });

  it('is everything that a published package exports', async () => {
    const { entryPoints } = JSON.parse(await readFile(join(root, 'typedoc.json'), 'utf8')) as {
      readonly entryPoints: readonly string[];
    };
    const documented = globSync([...entryPoints], { cwd: root }).sort();
    const exported = readWorkspace(root)
      .filter(({ manifest }) => manifest.private !== true)
      .flatMap(({ folder: place, manifest }) =>
        Object.keys(manifest.exports ?? {})
          .filter((path) => path !== './package.json')
          .map((path) => `${place}/src/${path === '.' ? 'index' : path.slice(2)}.ts`),
      );
    expect(documented).toEqual(exported.sort());
  });

  it('finds new pages and folders by itself, and keeps the reading order of the known ones', () => {
    write({
      'CONTRIBUTING.md': '# Contributing\n',
      'docs/unheard-of.md': 'An introduction.\n\n# `Unheard` of\n',
      'docs/privacy.md': '# Privacy\n',
      'docs/operations.md': '# Operations\n',
      'docs/decisions/README.md': '# Decisions\n',
      'docs/vendors/zeta.md': '# Zeta\n',
      'docs/vendors/README.md': '# Vendors\n',
      'docs/how-to/first.md': '# First\n',
      'examples/one/README.md': '# One\n',
      'examples/one/one.ts': '',
    });
    expect(listPages(folder).map(({ section, title }) => `${section}: ${title}`)).toEqual([
      'Guides: Operations',
      'Guides: Privacy',
      'Guides: Unheard of',
      'Guides: Contributing',
      'How to: First',
      'Vendors: Vendors',
      'Vendors: Zeta',
      'Examples: One',
      'Examples: one.ts',
      'Decisions: Decisions',
      'Guides: Licence',
    ]);
  });
});

describe('findDeadLinks', () => {
  it('sees a page and an anchor that are not there, and asks nobody outside', async () => {
    write({
      'index.html': '<a href="a/b.html#there">1</a><a href="a/b.html#gone">2</a><a href="https://no.test/">3</a>',
      'a/b.html': '<h1 id="there">B</h1><a href="../index.html">4</a><a href="gone.html">5</a><a href="#nowhere">6</a>',
    });
    expect(await findDeadLinks(folder)).toEqual([
      'a/b.html: a/b.html#nowhere',
      'a/b.html: a/gone.html',
      'index.html: a/b.html#gone',
    ]);
  });

  it('does not take an empty folder for a good site', async () => {
    await expect(findDeadLinks(folder)).rejects.toThrow();
  });
});

describe('chooseBrowser', () => {
  const linux: Machine = { platform: 'linux', architecture: 'x64', isGlibc: true, exists: () => true };

  it('takes the one that CHROME_PATH names, then the packaged one, then an installed one', () => {
    expect(chooseBrowser({ ...linux, chromePath: '/opt/chrome' })).toEqual({ type: 'installed', path: '/opt/chrome' });
    expect(chooseBrowser(linux)).toEqual({ type: 'packaged' });
    expect(chooseBrowser({ ...linux, architecture: 'arm64' })).toMatchObject({ type: 'installed' });
    expect(chooseBrowser({ ...linux, isGlibc: false })).toMatchObject({ type: 'installed' });
  });

  it('says what it looked for where there is none, and refuses a CHROME_PATH that leads nowhere', () => {
    const bare: Machine = { ...linux, platform: 'darwin', exists: () => false };
    expect(chooseBrowser(bare)).toMatchObject({ type: 'none', reason: expect.stringContaining('darwin on x64') });
    expect(() => chooseBrowser({ ...bare, chromePath: '/gone' })).toThrow('CHROME_PATH names /gone');
  });
});
