import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One Markdown file (or a source that Markdown refers to) that becomes a page of the documentation site. */
export interface SitePage {
  /** Relative to the root, with `/`: `docs/operations.md`. */
  readonly path: string;
  /** What the navigation calls it: its first heading. */
  readonly title: string;
  /** The heading in the navigation under which it stands. */
  readonly section: string;
}

/** The guides that have a place of their own, in reading order. A page that is not named here comes after them. */
const readingOrder = [
  'operations',
  'fleet',
  'add-a-connector',
  'declarative-connector',
  'privacy',
  'reports',
  'fault-matrix',
  'architecture',
  'glossary',
];

/**
 * Every page of the site besides the start page (README.md) and the packages, in the order of the navigation. Pages are
 * found, not listed: all of `docs`, its folders as sections of their own, the examples, and how to contribute.
 */
export function listPages(root: string): readonly SitePage[] {
  const guides = markdownIn(root, 'docs').sort(
    (one, other) => placeOf(one) - placeOf(other) || one.localeCompare(other, 'en'),
  );
  const folders = foldersIn(root, 'docs').sort((one, other) => placeOfFolder(one) - placeOfFolder(other));
  const examples = foldersIn(root, 'examples');
  return [
    ...[...guides, 'CONTRIBUTING.md'].map((path) => page(root, path, 'Guides')),
    ...folders.filter((folder) => folder !== 'docs/decisions').flatMap((folder) => section(root, folder)),
    ...section(root, 'deploy'),
    ...deploymentFiles(root).map((path) => ({ path, title: nameOf(path), section: 'Deploy' })),
    ...examples.flatMap((folder) => [
      ...markdownIn(root, folder).map((path) => page(root, path, 'Examples')),
      ...filesIn(root, folder, '.ts').map((path) => ({ path, title: nameOf(path), section: 'Examples' })),
    ]),
    ...section(root, 'docs/decisions'),
    { path: 'LICENSE', title: 'Licence', section: 'Guides' },
  ];
}

function deploymentFiles(root: string): string[] {
  return filesIn(root, 'deploy', '').filter((path) => !path.endsWith('.md'));
}

/** A folder of `docs`: its README first, which also names it, and then the rest. */
function section(root: string, folder: string): readonly SitePage[] {
  const paths = markdownIn(root, folder);
  const name = nameOf(folder);
  const title = `${name.slice(0, 1).toUpperCase()}${name.slice(1).replaceAll('-', ' ')}`;
  const readme = paths.filter((path) => nameOf(path) === 'README.md');
  const rest = paths.filter((path) => nameOf(path) !== 'README.md');
  return [...readme, ...rest].map((path) => page(root, path, title));
}

function page(root: string, path: string, section: string): SitePage {
  return { path, title: titleOf(readFileSync(join(root, path), 'utf8')) ?? nameOf(path), section };
}

/** The text of the first heading, without the marks of code. */
function titleOf(markdown: string): string | undefined {
  return /^# +(.+)$/m.exec(markdown)?.[1]?.replaceAll('`', '').trim();
}

function placeOf(path: string): number {
  const place = readingOrder.indexOf(nameOf(path).replace(/\.md$/, ''));
  return place === -1 ? readingOrder.length : place;
}

/** The vendors come first, the decisions last. */
function placeOfFolder(folder: string): number {
  return ['docs/vendors', 'docs/decisions'].indexOf(folder);
}

function nameOf(path: string): string {
  return path.split('/').at(-1) ?? path;
}

function markdownIn(root: string, folder: string): string[] {
  return filesIn(root, folder, '.md');
}

function filesIn(root: string, folder: string, ending: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder))
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => `${folder}/${name}`);
}

function foldersIn(root: string, folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `${folder}/${entry.name}`)
    .sort();
}
