import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findBrokenLinks } from './find-broken-links.ts';
import { readFiles } from './read-workspace.ts';

const root = join(import.meta.dirname, '..');
const pages = [...readFiles(root).keys()].filter(
  (path) => path.endsWith('.md') && !path.startsWith('site/') && !path.includes('/template/'),
);

it.each(pages)('%s links to what is there', (page) => {
  expect(findBrokenLinks(join(root, page))).toEqual([]);
});

describe('findBrokenLinks', () => {
  it('sees a link to a missing file and to a missing heading, and nothing else', () => {
    const folder = mkdtempSync(join(tmpdir(), 'expunge-links-'));
    const page = join(folder, 'page.md');
    writeFileSync(
      page,
      '# A heading: of two\n[a](page.md) [b](#a-heading-of-two) [c](https://example.com) [d](gone.md) [e](page.md#gone)\n',
    );
    expect(findBrokenLinks(page)).toEqual(['gone.md', 'page.md#gone']);
    rmSync(folder, { recursive: true });
  });
});
