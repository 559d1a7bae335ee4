import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FileTexts, renderTemplate } from '../../packages/create-connector/src/render-template.ts';
import type { VendorNames } from '../../packages/create-connector/src/vendor-names.ts';

/** The new files of a connector inside this repository, by their paths from its root. */
export function connectorFiles(root: string, names: VendorNames): FileTexts {
  const { kebab } = names;
  const folder = `packages/connector-${kebab}`;
  const files = new Map<string, string>();
  for (const [path, text] of renderTemplate('common', names)) {
    if (path.startsWith('src/')) files.set(`${folder}/${path}`, asConnector(text, kebab));
  }
  const common = renderTemplate('common', names);
  const inside = renderTemplate('inside', names);
  files.set(`${folder}/package.json`, inside.get('manifest.json') ?? '');
  files.set(`${folder}/README.md`, inside.get('README.md') ?? '');
  files.set(`${folder}/LICENSE`, readFileSync(join(root, 'LICENSE'), 'utf8'));
  const sandbox = `packages/vendor-sandbox/src/${kebab}-sandbox`;
  files.set(`${sandbox}.ts`, asSandbox(common.get(`test/${kebab}-sandbox.ts`) ?? '', kebab));
  files.set(`${sandbox}.test.ts`, asSandbox(common.get(`test/${kebab}-sandbox.test.ts`) ?? '', kebab));
  files.set(`docs/vendors/${kebab}.md`, asPage(common.get(`${kebab}.md`) ?? ''));
  files.set(`.changeset/connector-${kebab}.md`, changeset(names));
  return files;
}

function asConnector(text: string, kebab: string): string {
  const places = [
    '..',
    `../../vendor-sandbox/src/${kebab}-sandbox.ts`,
    `../../vendor-sandbox/src/${kebab}-sandbox.test.ts`,
    `../../../docs/vendors/${kebab}.md`,
  ];
  return text
    .replace(`'../test/${kebab}-sandbox.ts'`, "'@expunge/vendor-sandbox'")
    .replaceAll(`${kebab}.md`, `docs/vendors/${kebab}.md`)
    .replace(
      "[new URL('..', import.meta.url)]",
      `[${places.map((place) => `new URL('${place}', import.meta.url)`).join(', ')}]`,
    );
}

function asSandbox(text: string, kebab: string): string {
  return text.replace("'@expunge/vendor-sandbox'", "'./kit.ts'").replaceAll(`${kebab}.md`, `docs/vendors/${kebab}.md`);
}

function asPage(text: string): string {
  return text.replace(
    /\n\n(What .*?)\n\n/s,
    '\n\nMarks and rules that hold for all vendors: [README.md](README.md).\n\n',
  );
}

function changeset({ kebab, title }: VendorNames): string {
  return [
    '---',
    `'@expunge/connector-${kebab}': minor`,
    "'@expunge/vendor-sandbox': minor",
    "'@expunge/runner': minor",
    '---',
    '',
    `A connector for ${title}, with its fake vendor.`,
    '',
  ].join('\n');
}
