import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type List, type ListFormat, openList } from './open-list.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'runner-test-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

function open(path: string, format?: ListFormat, input: Readable = Readable.from([])): Promise<List> {
  return openList({ path, format, workingFolder: folder, input });
}

async function textOf(source: List): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source.bytes()) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

describe('openList', () => {
  it('reads a file from its beginning, as often as asked', async () => {
    const text = 'user_id\n'.repeat(50_000);
    writeFileSync(join(folder, 'people.csv'), text);
    const source = await open('people.csv');
    expect([await textOf(source), await textOf(source)]).toEqual([text, text]);
    await source.close();
  });

  it('gives what the file was when it was opened, whatever becomes of the file', async () => {
    const path = join(folder, 'people.csv');
    const text = 'user_id\n'.repeat(50_000);
    writeFileSync(path, text);
    const source = await open('people.csv');
    const reading = source.bytes()[Symbol.asyncIterator]();
    await reading.next();
    writeFileSync(path, 'user_id\nu-2\n');
    await reading.return?.();
    expect(await textOf(source)).toBe(text);
    rmSync(path);
    expect(await textOf(source)).toBe(text);
    await source.close();
  });

  it('refuses a file that changes while it is copied', async () => {
    const path = join(folder, 'people.csv');
    writeFileSync(path, 'user_id\n'.repeat(200_000));
    let isCopied = false;
    let seconds = 0;
    const change = () => {
      if (isCopied) return;
      seconds += 1;
      utimesSync(path, seconds, seconds);
      setImmediate(change);
    };
    change();
    await expect(open('people.csv')).rejects.toMatchObject({ code: 'changed' });
    isCopied = true;
  });

  it('says so where it cannot be copied', async () => {
    writeFileSync(join(folder, 'people.csv'), 'user_id\n');
    vi.stubEnv('TMPDIR', join(folder, 'not-there'));
    await expect(open('people.csv')).rejects.toThrow(
      /people\.csv can't be copied to .*not-there, .*: there is no such folder\. .*TMPDIR/,
    );
  });

  it('keeps its copies where nobody finds them, and leaves nothing behind', async () => {
    // A folder of its own: others on the machine make copies too, in the system's.
    vi.stubEnv('TMPDIR', folder);
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(tmpdir()).toBe(folder);
    const ours = () => readdirSync(folder).filter((name) => name.startsWith('expunge-input-'));
    const source = await open('-', 'jsonl', Readable.from([Buffer.from('{"a"'), Buffer.from(':1}')]));
    writeFileSync(join(folder, 'people.csv'), 'user_id\n');
    await (await open('people.csv')).close();
    expect(ours()).toEqual([]);
    expect([await textOf(source), await textOf(source)]).toEqual(['{"a":1}', '{"a":1}']);
    expect(source.name).toBe('standard input');
    await source.close();
    expect(ours()).toEqual([]);
  });

  it.each([
    ['people.csv', 'csv'],
    ['people.TSV', 'tsv'],
    ['people.jsonl', 'jsonl'],
    ['people.ndjson', 'jsonl'],
  ])('knows the form of %s', async (name, format) => {
    writeFileSync(join(folder, name), 'x');
    const source = await open(name);
    expect(source.format).toBe(format);
    await source.close();
  });

  it.each([
    ['-', 'form-unknown', 'does not tell the form'],
    ['people.pdf', 'form-unknown', 'does not tell the form'],
    ['missing.csv', 'not-opened', 'there is no such file'],
  ])('refuses %s', async (path, code, message) => {
    await expect(open(path)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  });

  it('refuses a folder', async () => {
    await expect(open('.', 'csv')).rejects.toThrow('is a folder');
  });
});
