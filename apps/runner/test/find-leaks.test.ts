import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { canaries, canaryPerson, ledgerKey } from './canaries.ts';
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
    [/^URL in a URL|plain/, (value) => encodeURIComponent(encodeURIComponent(value))],
    [/^URL in a URL|plain/, (value) => encodeURIComponent(new URLSearchParams({ v: value }).toString().slice(2))],
    [/URL|plain/, (value) => new URL(`http://a.test/?u=${encodeURIComponent(`/?q=${encodeURI(value)}`)}`).href],
    ['URL', (value) => [...Buffer.from(value)].map((byte) => `%${byte.toString(16).toUpperCase()}`).join('')],
    [/HTML|plain/, (value) => value.replaceAll(/[^ -~]|[&<>"']/gu, (each) => `&#${each.codePointAt(0)};`)],
    [/HTML|plain/, (value) => value.replaceAll(/[^a-z0-9 ]/giu, (each) => `&#X${each.codePointAt(0)?.toString(16)};`)],
    ['UTF-16', (value) => Buffer.from(value, 'utf16le')],
    ['UTF-16BE', (value) => Buffer.from(value, 'utf16le').swap16()],
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

  // What is written alike in several forms is found as the first of them: this one is written like itself in none but one.
  const odd = canaryPerson.crm_id;
  it.each<[string, Uint8Array | string]>([
    ['plain', odd],
    ['Latin-1', Buffer.from(odd, 'latin1')],
    ['JSON', JSON.stringify(odd)],
    ['HTML', odd.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')],
    ['URL', encodeURIComponent(odd)],
    ['URL in a URL', encodeURIComponent(encodeURIComponent(odd))],
    ['base64', Buffer.from(odd).toString('base64')],
    ['UTF-16', Buffer.from(odd, 'utf16le')],
    ['UTF-16BE', Buffer.from(odd, 'utf16le').swap16()],
    ['hex', Buffer.from(odd).toString('hex')],
  ])('knows %s from every other form', (form, text) => {
    expect(findLeaks(canaries, within(text))).toEqual([{ canary: 'person crm_id', form, place: 'dump' }]);
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
