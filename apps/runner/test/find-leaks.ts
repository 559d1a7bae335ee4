import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Something that must not be found: a canary, planted to see where it comes out. */
export interface Canary {
  /** What a finding calls it. */
  readonly name: string;
  readonly value: string;
}

/** Bytes that somebody wrote: a file, or what a process printed. */
export interface Place {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A canary that was found: whose, in which form, where. */
export interface Leak {
  readonly canary: string;
  readonly form: string;
  readonly place: string;
}

/** Every form in which a text can lie in bytes, by the form's name. */
function formsOf(value: string): ReadonlyMap<string, readonly Buffer[]> {
  const bytes = Buffer.from(value);
  const json = JSON.stringify(value).slice(1, -1);
  return new Map([
    [
      'plain',
      [value, value.normalize('NFD'), value.toLowerCase(), value.toUpperCase()].map((each) => Buffer.from(each)),
    ],
    ['Latin-1', [Buffer.from(value, 'latin1')]],
    ['JSON', [Buffer.from(json), Buffer.from(json.replaceAll(/[^ -~]/g, escapeUnit))]],
    ['HTML', htmlForms(value).map((form) => Buffer.from(form))],
    ['URL', urlForms(value).map((form) => Buffer.from(form))],
    ['URL in a URL', urlForms(value).flatMap((form) => urlForms(form).map((each) => Buffer.from(each)))],
    ['base64', base64Forms(bytes)],
    ['UTF-16', [Buffer.from(value, 'utf16le')]],
    ['UTF-16BE', [Buffer.from(value, 'utf16le').swap16()]],
    ['hex', [Buffer.from(bytes.toString('hex'))]],
    // A key is written in hexadecimal and used as the bytes that this stands for.
    ['bytes', /^([0-9a-f]{2})+$/.test(value) ? [Buffer.from(value, 'hex')] : []],
  ]);
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

// Parts of URLs and forms; of either, with and without the marks that need no escape; and each byte escaped.
function urlForms(value: string): string[] {
  const part = encodeURIComponent(value);
  const everyByte = [...Buffer.from(value)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
  return [part, part.replaceAll(/[!'()*~]/g, escapeByte), encodeURI(value), form(value), everyByte];
}

function form(value: string): string {
  return new URLSearchParams({ v: value }).toString().slice(2);
}

function escapeByte(mark: string): string {
  return `%${mark.charCodeAt(0).toString(16)}`;
}

// Marks by name and by number, and all beyond ASCII by number.
function htmlForms(value: string): string[] {
  const names: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  const byName = value.replaceAll(/[&<>"']/g, (mark) => names[mark] ?? mark);
  const inText = value.replaceAll(/[&<>]/g, (mark) => names[mark] ?? mark);
  const inDecimals = (each: string) => `&#${each.codePointAt(0)};`;
  const inHexadecimals = (each: string) => `&#x${each.codePointAt(0)?.toString(16)};`;
  return [inDecimals, inHexadecimals].flatMap((toNumber) => [
    inText,
    byName,
    byName.replaceAll(/[^ -~]/gu, toNumber),
    value.replaceAll(/[&<>"']/g, toNumber).replaceAll(/[^ -~]/gu, toNumber),
    value.replaceAll(/[^a-z0-9 ]/giu, toNumber),
  ]);
}

// Inside a longer text its bytes begin at any of three places of a group of four characters; the characters at both ends
// depend on the neighbours and are left out.
function base64Forms(bytes: Buffer): Buffer[] {
  return [0, 1, 2].flatMap((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const whole = text.slice(shift === 0 ? 0 : 4, text.length - (text.length % 4));
    return [whole, whole.replaceAll('+', '-').replaceAll('/', '_')].map((form) => Buffer.from(form));
  });
}

/** Searches for every form of every canary, in upper and lower case. A text that is the same in several forms is found in the first. */
export function findLeaks(canaries: readonly Canary[], places: Iterable<Place>): Leak[] {
  const wanted = canaries.flatMap(({ name, value }) => {
    const known = new Set<string>();
    return [...formsOf(value)].map(([form, bytes]) => {
      const texts = [...new Set(bytes.map(toText))].filter((text) => !known.has(text));
      for (const text of texts) known.add(text);
      return { canary: name, form, texts };
    });
  });
  const leaks: Leak[] = [];
  for (const place of places) {
    const text = toText(place.bytes);
    for (const { canary, form, texts } of wanted) {
      if (texts.some((each) => text.includes(each))) leaks.push({ canary, form, place: place.name });
    }
  }
  return leaks;
}

// One character per byte.
function toText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1').toLowerCase();
}

/** Every file below a folder, links not followed. */
export function* filesBelow(folder: string, under = ''): Generator<Place> {
  for (const name of readdirSync(join(folder, under)).sort()) {
    const path = join(under, name);
    const stats = lstatSync(join(folder, path));
    if (stats.isDirectory()) yield* filesBelow(folder, path);
    else if (stats.isFile()) yield { name: path, bytes: readFileSync(join(folder, path)) };
  }
}
