import { TextDecoder } from 'node:util';
import { ListError } from './list-error.ts';

const newline = 0x0a;
const carriageReturn = 0x0d;
// Beyond what any row may hold, so that a file without line ends does not fill the memory.
const longestLineBytes = 8_000_000;

/**
 * Decodes a stream of bytes as UTF-8, without a byte order mark and with every line ending as `\n`.
 *
 * @throws ListError where the bytes are no UTF-8 text, saying what they seem to be.
 */
export async function* decodeText(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let line = 1;
  let isFirst = true;
  // A line ending may be cut in two by the chunks.
  let endsInReturn = false;
  const take = (piece: Uint8Array): string => {
    const decoded = decodeLines(isFirst ? withoutMark(piece) : piece, line);
    isFirst = false;
    const text = (endsInReturn && decoded.startsWith('\n') ? decoded.slice(1) : decoded).replace(/\r\n?/g, '\n');
    endsInReturn = decoded.endsWith('\r');
    line += countLines(text);
    return text;
  };
  for await (const piece of wholeLines(bytes)) {
    if (isFirst) refuseForeign(piece);
    const text = take(piece);
    if (text !== '') yield text;
  }
}

// Whole lines hold whole characters, so that a wrong byte can be told from one that is still to come.
async function* wholeLines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let rest: Uint8Array = new Uint8Array();
  for await (const chunk of bytes) {
    const joined = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const end = Math.max(joined.lastIndexOf(newline), joined.lastIndexOf(carriageReturn)) + 1;
    if (end > 0) yield joined.subarray(0, end);
    rest = joined.subarray(end);
    if (rest.length > longestLineBytes) throw new ListError('line-too-long', 'a line is longer than 8 MB');
  }
  if (rest.length > 0) yield rest;
}

function decodeLines(piece: Uint8Array, line: number): string {
  let text: string;
  try {
    text = decodeStrictly(piece);
  } catch {
    throw new ListError(
      'not-utf8',
      'this is not UTF-8 text. Save it as UTF-8 (in a spreadsheet: "CSV UTF-8") and try again',
      { line: line + goodLines(piece) },
    );
  }
  const zero = text.indexOf('\0');
  if (zero !== -1) {
    throw new ListError('not-text', 'this is not text: it holds zero bytes', {
      line: line + countLines(text.slice(0, zero)),
    });
  }
  return text;
}

function decodeStrictly(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
}

/** How many lines stand before the first one that can't be decoded. */
function goodLines(piece: Uint8Array): number {
  let start = 0;
  for (let count = 0; ; count += 1) {
    const end = piece.indexOf(newline, start);
    try {
      decodeStrictly(piece.subarray(start, end === -1 ? undefined : end));
    } catch {
      return count;
    }
    if (end === -1) return count;
    start = end + 1;
  }
}

function withoutMark(piece: Uint8Array): Uint8Array {
  return piece[0] === 0xef && piece[1] === 0xbb && piece[2] === 0xbf ? piece.subarray(3) : piece;
}

function refuseForeign([first, second, third, fourth]: Uint8Array): void {
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    throw new ListError(
      'utf-16',
      'this is UTF-16 text. Save it as UTF-8 (in a spreadsheet: "CSV UTF-8") and try again',
    );
  }
  if (first === 0x50 && second === 0x4b && third === 0x03 && fourth === 0x04) {
    throw new ListError(
      'spreadsheet',
      'this is a spreadsheet or a ZIP archive, and no text. Export it as CSV and try again',
    );
  }
  if (first === 0x1f && second === 0x8b) {
    throw new ListError('compressed', 'this is compressed (gzip). Decompress it and try again');
  }
}

function countLines(text: string): number {
  return text.split(/\r\n?|\n/).length - 1;
}
