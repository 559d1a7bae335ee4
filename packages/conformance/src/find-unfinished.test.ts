import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { findUnfinished } from './find-unfinished.ts';

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'unfinished-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

// Put together, so that this file is not itself a place that is unfinished.
const mark = `UNFIN${'ISHED'}:`;
const call = `unfin${'ished'}(`;

it('finds calls, comments and lines of pages, with their lines', () => {
  const folder = folderWith({
    'src/a.ts': `a();\nreturn ${call}'one (guide: A)', a);\n// ${mark} two.\n${call}\n  "three 'quoted'",\n  x,\n);\n`,
    'page.md': `# A\n| ${mark} four | b |\n`,
  });
  expect(findUnfinished([pathToFileURL(`${folder}/`)])).toEqual([
    { file: 'page.md', line: 2, what: 'four' },
    { file: 'src/a.ts', line: 2, what: 'one (guide: A)' },
    { file: 'src/a.ts', line: 3, what: 'two' },
    { file: 'src/a.ts', line: 4, what: "three 'quoted'" },
  ]);
});

it('looks into single files, and not into what was installed or built', () => {
  const folder = folderWith({
    'node_modules/a/index.ts': `${call}'no')`,
    'dist/a.ts': `${call}'no')`,
    '.git/a.md': `${mark} no`,
    'a.ts': `${call}'yes')`,
    'unfinished.ts': 'export function unfinished(what: string): never {}',
  });
  expect(findUnfinished([folder]).map(({ what }) => what)).toEqual(['yes']);
  expect(findUnfinished([join(folder, 'a.ts')])).toEqual([{ file: 'a.ts', line: 1, what: 'yes' }]);
});
