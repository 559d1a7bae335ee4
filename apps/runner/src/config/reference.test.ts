import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Reference, type ReferenceSources, resolveReference } from './reference.ts';

let sources: ReferenceSources;
beforeAll(() => {
  const folder = mkdtempSync(join(tmpdir(), 'runner-test-'));
  writeFileSync(join(folder, 'secret'), 'from-a-file\r\n');
  writeFileSync(join(folder, 'two-lines'), 'a\n\n');
  writeFileSync(join(folder, 'empty'), '\n');
  sources = { environment: { TOKEN: ' from-the-environment\n', EMPTY: '' }, folder };
});
afterAll(() => rmSync(sources.folder, { recursive: true }));

describe('resolveReference', () => {
  it.each<[string, Reference, string]>([
    ['a variable as it is', { env: 'TOKEN' }, ' from-the-environment\n'],
    ['a file without the newline at its end', { file: './secret' }, 'from-a-file'],
    ['a file without more than one newline', { file: 'two-lines' }, 'a\n'],
  ])('reads %s', (_what, reference, value) => {
    expect(resolveReference(reference, sources)).toEqual({ value });
  });

  it('reads a file by its absolute path', () => {
    expect(resolveReference({ file: join(sources.folder, 'secret') }, { ...sources, folder: '/' })).toEqual({
      value: 'from-a-file',
    });
  });

  it.each<[Reference, string]>([
    [{ env: 'MISSING' }, 'the environment variable MISSING is not set, or empty. Set it where expunge runs.'],
    [{ env: 'EMPTY' }, 'the environment variable EMPTY is not set, or empty. Set it where expunge runs.'],
    [{ file: 'empty' }, 'the file empty is empty. Write the value into it.'],
    [{ file: 'nowhere' }, "the file nowhere can't be read (ENOENT). A relative path starts in FOLDER."],
    [{ file: '.' }, "the file . can't be read (EISDIR). A relative path starts in FOLDER."],
  ])('says what is wrong with %j and what to do', (reference, issue) => {
    expect(resolveReference(reference, sources)).toEqual({ issue: issue.replace('FOLDER', sources.folder) });
  });
});
