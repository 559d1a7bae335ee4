import { XMLParser } from 'fast-xml-parser';

/** Writes one flat structure as Altcraft's XML: `<xml><db_id>7</db_id></xml>`. Names are ours; values are escaped. */
export function writeXml(fields: Readonly<Record<string, string | number>>): string {
  const elements = Object.entries(fields).map(([name, value]) => `<${name}>${escapeText(String(value))}</${name}>`);
  return `<?xml version="1.0" encoding="UTF-8"?><xml>${elements.join('')}</xml>`;
}

/** Whether XML 1.0 can carry a text at all: no control characters, no half characters. */
export function isXmlText(text: string): boolean {
  return /^[\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]*$/u.test(text);
}

/** A whole profile has some hundreds. The parser takes microseconds for each, and an answer could hold millions. */
const maxTags = 20_000;

/**
 * Reads Altcraft's XML into plain objects. Every value stays text: `007` is not 7. Repeated elements are an array.
 *
 * @returns What is inside the root element `xml`, or undefined where the text is anything else, not whole, or too much.
 */
export function readXml(text: string): unknown {
  const trimmed = text.trim();
  // The parser forgives a missing end. Entities of a document's own have no place in an answer.
  if (!trimmed.endsWith('</xml>') || /<!DOCTYPE/i.test(trimmed)) return undefined;
  if (hasMoreTagsThan(maxTags, trimmed)) return undefined;
  try {
    const document: unknown = parser.parse(trimmed);
    return isObject(document) ? withoutLayout(document.xml) : undefined;
  } catch {
    return undefined;
  }
}

/** Without the line breaks between elements. Those inside a value belong to it: an identifier may end with a space. */
function withoutLayout(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutLayout);
  if (!isObject(value)) return value;
  const isLayout = ([name, part]: readonly [string, unknown]) =>
    name === '#text' && typeof part === 'string' && part.trim() === '';
  return Object.fromEntries(
    Object.entries(value).flatMap((entry) => (isLayout(entry) ? [] : [[entry[0], withoutLayout(entry[1])]])),
  );
}

function hasMoreTagsThan(count: number, text: string): boolean {
  let found = 0;
  for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', at + 1)) {
    found += 1;
    if (found > count) return true;
  }
  return false;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function escapeText(text: string): string {
  // A bare carriage return would reach the vendor as a line feed.
  return text.replace(/[&<>\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}

const characterByName: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function decodeText(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w{2,4}));/gi, (reference, decimal, hexadecimal, name) => {
    if (name !== undefined) return characterByName[name] ?? reference;
    const codePoint = decimal === undefined ? Number.parseInt(hexadecimal, 16) : Number(decimal);
    return codePoint <= 0x10ffff ? String.fromCodePoint(codePoint) : reference;
  });
}

const nothing = (): void => {};

const parser = new XMLParser({
  parseTagValue: false,
  trimValues: false,
  ignoreAttributes: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
  // The parser's own decoder leaves numbered characters (&#39;) as they are.
  entityDecoder: {
    decode: decodeText,
    setExternalEntities: nothing,
    addInputEntities: nothing,
    setXmlVersion: nothing,
    reset: nothing,
  },
});
