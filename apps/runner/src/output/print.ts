import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { OutputStream } from '../process-environment.ts';
import { printableJson, printableLines } from './printable.ts';

// Everything that is printed goes through here (tools/convention-rules.ts sees to it): values are made printable where they are put
// in, and this is the net under those that were not.

/** Prints text for people, whole lines or the beginning of one. */
export function printLines(stream: OutputStream, text: string): void {
  stream.write(printableLines(text));
}

/** Prints a JSON document. It means what it meant. */
export function printJsonText(stream: OutputStream, json: string): void {
  stream.write(printableJson(json));
}

/** Sends a report to a pipe, as it is: no terminal reads it. */
export async function printPiped(
  stream: OutputStream,
  pieces: Iterable<string> | AsyncIterable<string>,
): Promise<void> {
  await pipeline(Readable.from(pieces), stream, { end: false });
}
