import { describe, expect, it } from 'vitest';
import { decodeText } from './decode-text.ts';

async function* chunksOf(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

async function decode(bytes: Uint8Array, size = 1000): Promise<string> {
  let text = '';
  for await (const piece of decodeText(chunksOf(bytes, size))) text += piece;
  return text;
}

const utf8 = (text: string) => new TextEncoder().encode(text);

describe('decodeText', () => {
  it.each([1, 2, 3, 5, 1000])('makes the same text of chunks of %i bytes', async (size) => {
    expect(await decode(utf8('\uFEFFä,€\r\n👋,b\rc\n\r\n'), size)).toBe('ä,€\n👋,b\nc\n\n');
  });

  it('keeps a lone carriage return at the very end as a line ending', async () => {
    expect(await decode(utf8('a\r'), 1)).toBe('a\n');
  });

  it.each([
    ['UTF-16', Uint8Array.of(0xff, 0xfe, 0x61, 0), 'UTF-16'],
    ['a spreadsheet', Uint8Array.of(0x50, 0x4b, 0x03, 0x04), 'spreadsheet'],
    ['gzip', Uint8Array.of(0x1f, 0x8b, 8), 'compressed'],
  ])('says that %s is no CSV', async (_name, bytes, word) => {
    await expect(decode(bytes)).rejects.toMatchObject({ message: expect.stringContaining(word), line: undefined });
  });

  it('names the line of a zero byte', async () => {
    await expect(decode(utf8('a\nb\n\0c'))).rejects.toMatchObject({
      message: expect.stringContaining('not text'),
      line: 3,
    });
  });

  it.each([4, 1000])('names the line of a byte that is no UTF-8, in chunks of %i', async (size) => {
    const bytes = new Uint8Array([...utf8('id\nä1\n'), 0xe4, ...utf8('\nu3\n')]);
    await expect(decode(bytes, size)).rejects.toMatchObject({
      message: expect.stringContaining('not UTF-8'),
      line: 3,
    });
  });

  it('notices a character that is cut off at the end', async () => {
    await expect(decode(Uint8Array.of(0x61, 0xe2, 0x82))).rejects.toMatchObject({
      message: expect.stringContaining('not UTF-8'),
    });
  });
});
