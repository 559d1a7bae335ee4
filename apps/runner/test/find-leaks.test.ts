import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { canaries, ledgerKey } from './canaries.ts';
import { filesBelow, findLeaks } from './find-leaks.ts';

// A search that finds nothing proves something only if it would have found something.

const within = (bytes: Uint8Array | string) => [
  { name: 'dump', bytes: Buffer.concat([Buffer.from('{"before":1}'), Buffer.from(bytes), Buffer.from('after')]) },
];

describe('findLeaks', () => {
  it.each<[string | RegExp, (value: string) => Uint8Array | string]>([
    ['plain', (value) => value],
    ['plain', (value) => value.toUpperCase()],
    [/JSON|plain/, (value) => JSON.stringify({ value })],
    [/JSON|plain/, (value) => JSON.stringify({ value }).replaceAll(/[^ -~]/g, asciiOf)],
    [
      /HTML|plain/,
      (value) =>
        value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
    ],
    [/URL|plain/, encodeURIComponent],
    [/URL|plain/, (value) => encodeURIComponent(value).toLowerCase()],
    ['base64', (value) => Buffer.from(value).toString('base64')],
    ['base64', (value) => Buffer.from(`:${value}:`).toString('base64')],
    ['base64', (value) => Buffer.from(`ab${value}cd`).toString('base64url')],
    ['UTF-16', (value) => Buffer.from(value, 'utf16le')],
    ['hex', (value) => Buffer.from(value).toString('hex')],
    ['hex', (value) => Buffer.from(value).toString('hex').toUpperCase()],
  ])('finds every canary as %s', (form, write) => {
    for (const { name, value } of canaries) {
      expect(findLeaks(canaries, within(write(value)))).toContainEqual({
        canary: name,
        form: expect.stringMatching(form),
        place: 'dump',
      });
    }
  });

  it('finds a key that is written in hexadecimal as the bytes that it stands for', () => {
    expect(findLeaks(canaries, within(Buffer.from(ledgerKey, 'hex')))).toEqual([
      { canary: 'ledger key', form: 'bytes', place: 'dump' },
    ]);
  });

  it('does not see a canary where it is not', () => {
    for (const { value } of canaries) expect(findLeaks(canaries, within(value.slice(0, -1)))).toEqual([]);
  });
});

function asciiOf(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

it('looks into every file of a folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'find-leaks-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'a/b'), { recursive: true });
  writeFileSync(join(folder, 'a/b/c'), Buffer.of(0, 255, 10));
  writeFileSync(join(folder, '.hidden'), 'x');
  expect([...filesBelow(folder)].map(({ name }) => name)).toEqual(['.hidden', 'a/b/c']);
});
