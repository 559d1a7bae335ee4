/** A value as XML carries it: text, or named parts. Repeated elements make an array. */
export type XmlValue = string | XmlValue[] | { readonly [name: string]: XmlValue };

const prolog = /^\s*(<\?xml[^>]*\?>)?\s*/;
const openTag = /<([A-Za-z_][\w.-]*)\s*(\/?)>/y;
const text = /[^<]*/y;
const entities = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

/**
 * Reads the plain XML of Altcraft's API: elements and text, no attributes. Everything in it is text.
 *
 * @returns The content of the root element `<xml>`; undefined where it is not that.
 */
export function parseAltcraftXml(source: string): XmlValue | undefined {
  const start = prolog.exec(source)?.[0].length ?? 0;
  const root = readElement(source, start);
  if (root === undefined || root.name !== 'xml' || source.slice(root.end).trim() !== '') return undefined;
  return root.value;
}

/** Writes a reply as Altcraft does: root `<xml>`, arrays by repeated elements. */
export function toAltcraftXml(value: unknown): string {
  return element('xml', value);
}

function element(name: string, value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => element(name, item)).join('');
  return `<${name}>${content(value)}</${name}>`;
}

function content(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'object') return escaped(`${value}`);
  return Object.entries(value)
    .map(([name, part]) => element(name, part))
    .join('');
}

function escaped(plain: string): string {
  return plain.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

interface ReadElement {
  readonly name: string;
  readonly value: XmlValue;
  readonly end: number;
}

function readElement(source: string, start: number): ReadElement | undefined {
  openTag.lastIndex = start;
  const [tag, name, isEmpty] = openTag.exec(source) ?? [];
  if (tag === undefined || name === undefined) return undefined;
  let position = start + tag.length;
  if (isEmpty === '/') return { name, value: '', end: position };
  const closeTag = `</${name}>`;
  const parts = new Map<string, XmlValue[]>();
  let plain = '';
  while (!source.startsWith(closeTag, position)) {
    text.lastIndex = position;
    const found = text.exec(source)?.[0] ?? '';
    plain += found;
    position += found.length;
    if (source.startsWith(closeTag, position)) break;
    const child = readElement(source, position);
    if (child === undefined) return undefined;
    parts.set(child.name, [...(parts.get(child.name) ?? []), child.value]);
    position = child.end;
  }
  const unescaped = unescapeText(plain);
  if (unescaped === undefined) return undefined;
  return { name, value: parts.size === 0 ? unescaped : partsOf(parts), end: position + closeTag.length };
}

function partsOf(parts: ReadonlyMap<string, XmlValue[]>): XmlValue {
  return Object.fromEntries(
    [...parts].map(([name, values]) => [name, values.length === 1 ? (values[0] ?? '') : values]),
  );
}

/** undefined where an ampersand begins no entity that XML knows. */
function unescapeText(plain: string): string | undefined {
  const characters = [...plain.matchAll(/&(?:([^;&]*);)?|[^&]+/g)].map(([whole, name]) =>
    whole.startsWith('&') ? characterOf(name ?? '') : whole,
  );
  return characters.includes(undefined) ? undefined : characters.join('');
}

function characterOf(name: string): string | undefined {
  const [, hex, digits] = /^#(?:x([0-9a-f]{1,6})|(\d{1,7}))$/i.exec(name) ?? [];
  const codePoint = hex === undefined ? Number(digits) : Number.parseInt(hex, 16);
  if (Number.isNaN(codePoint)) return entities.get(name);
  return codePoint <= 0x10ffff ? String.fromCodePoint(codePoint) : undefined;
}
