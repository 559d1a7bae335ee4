import { cpSync, existsSync, mkdtempSync, readdirSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

const passedOver = new Set(['node_modules', 'dist', '.git', '.turbo', 'docs', 'tools', 'apps']);

/** Copies what the tests of the packages need into a temporary folder, with what is installed here. */
export function copySources(root: string): string {
  const copy = mkdtempSync(join(tmpdir(), 'plant-mistakes-'));
  cpSync(root, copy, {
    recursive: true,
    filter: (path) => !passedOver.has(relative(root, path).split('/').at(-1) ?? ''),
  });
  const groups = ['packages', 'examples'].flatMap((group) =>
    readdirSync(join(root, group)).map((name) => `${group}/${name}`),
  );
  for (const folder of ['.', ...groups]) {
    const installed = join(root, folder, 'node_modules');
    if (existsSync(installed)) symlinkSync(installed, join(copy, folder, 'node_modules'), 'junction');
  }
  return copy;
}
