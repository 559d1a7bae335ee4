import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import {
  type Application,
  type Context,
  Converter,
  DocumentReflection,
  JSX,
  KindRouter,
  MinimalSourceFile,
  normalizePath,
  type ProjectReflection,
  type Reflection,
  ReflectionKind,
} from 'typedoc';
import { listPages, type SitePage } from './list-pages.ts';

const root = join(import.meta.dirname, '../..');
const packagesSection = 'Packages';

/** What is used of markdown-it, which typedoc brings along. */
interface MarkdownParser {
  readonly core: {
    readonly ruler: {
      push(name: string, rule: (state: { readonly tokens: { readonly type: string; info: string }[] }) => void): void;
    };
  };
}

/**
 * Makes one site of guides and reference. typedoc renders both; this adds what it can't know: which pages there are, in
 * which order and under which heading, and that a package's README opens its part of the reference. Nothing of it is in
 * the Markdown files themselves, so that they read the same on a code host.
 */
export function load(app: Application): void {
  const pages = listPages(root);
  app.renderer.defineRouter('pages-keep-their-path', PagesKeepTheirPath);
  app.on('bootstrapEnd', () => {
    const markdown = pages.filter(({ path }) => path.endsWith('.md'));
    app.options.setValue(
      'projectDocuments',
      markdown.map(({ path }) => join(root, path)),
    );
    app.options.setValue('groupOrder', [...new Set(pages.map(({ section }) => section)), packagesSection]);
    app.options.setValue('markdownItLoader', leavePlainBlocksPlain);
  });
  app.renderer.hooks.on('head.begin', openGuides);
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_context, document) => place(document, pages));
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, (context) => {
    addSources(context.project, pages);
    for (const module of context.project.children ?? []) {
      if (module.kindOf(ReflectionKind.Module)) describePackage(app, context, module);
    }
  });
  // The sections of the navigation are typedoc's groups, and it makes those while it resolves.
  app.converter.on(
    Converter.EVENT_RESOLVE_END,
    (context) => {
      for (const group of context.project.groups ?? []) if (group.title === 'Modules') group.title = packagesSection;
    },
    -1000,
  );
}

/** typedoc takes a block of code that names no language for TypeScript. Ours are what a terminal shows. */
function leavePlainBlocksPlain(parser: MarkdownParser): void {
  parser.core.ruler.push('plain-blocks', ({ tokens }) => {
    for (const token of tokens) if (token.type === 'fence' && token.info === '') token.info = 'text';
  });
}

/** The guides are unfolded in the navigation until the reader folds them: typedoc remembers that under this name. */
function openGuides(): JSX.Element {
  const html = `<script>try { localStorage['tsd-accordion-Guides'] ??= 'true' } catch {}</script>`;
  return JSX.createElement(JSX.Raw, { html });
}

/** Gives a page its title, its section, and the folder's address where it is a README. */
function place(document: DocumentReflection, pages: readonly SitePage[]): void {
  const absolute = document.project.files.getReflectionPath(document);
  const page = pages.find(({ path }) => normalizePath(join(root, path)) === absolute);
  if (page === undefined || absolute === undefined) return;
  document.name = page.title;
  document.frontmatter.group = page.section;
  if (absolute.endsWith('/README.md')) {
    document.project.files.registerReflectionPath(normalizePath(dirname(absolute)), document);
  }
}

/** Files that pages link to and that a browser would offer for download: they become pages. */
function addSources(project: ProjectReflection, pages: readonly SitePage[]): void {
  for (const page of pages.filter(({ path }) => !path.endsWith('.md'))) {
    const path = join(root, page.path);
    const language = page.path.endsWith('.ts') ? 'ts' : 'text';
    const text = `# ${page.title}\n\n\`\`\`${language}\n${readFileSync(path, 'utf8').trimEnd()}\n\`\`\`\n`;
    const document = new DocumentReflection(page.title, project, [{ kind: 'text', text }], { group: page.section });
    project.addChild(document);
    project.registerReflection(document, undefined, normalizePath(path));
  }
}

/** Names a module after what one imports, and opens it with its package's README. */
function describePackage(app: Application, context: Context, module: Reflection): void {
  const source = context.project.files.getReflectionPath(module);
  if (source === undefined || !module.isDeclaration()) return;
  const folder = dirname(dirname(source));
  const { name } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { readonly name: string };
  const entry = relative(join(folder, 'src'), source).replace(/\.ts$/, '');
  if (entry !== 'index') {
    module.name = `${name}/${entry}`;
    return;
  }
  module.name = name;
  const readme = join(folder, 'README.md');
  if (!existsSync(readme)) return;
  // The page has the package's name as its heading already.
  const text = readFileSync(readme, 'utf8').replace(/^# .+\n/, '');
  const path = normalizePath(readme);
  module.readme = app.converter.parseRawComment(new MinimalSourceFile(text, path), context.project.files).content;
  context.project.files.registerReflectionPath(path, module);
  context.project.files.registerReflectionPath(normalizePath(folder), module);
}

/** Addresses of pages follow their files, so that they last: `docs/operations.md` is `docs/operations.html`. */
class PagesKeepTheirPath extends KindRouter {
  protected override getIdealBaseName(reflection: Reflection): string {
    const absolute = reflection.project.files.getReflectionPath(reflection);
    if (!reflection.isDocument() || absolute === undefined) return super.getIdealBaseName(reflection);
    const path = relative(root, absolute).split(sep).join('/');
    return path.replace(/(^|\/)README\.md$/, '$1index').replace(/\.md$/, '');
  }
}
