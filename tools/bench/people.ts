import { closeSync, openSync, writeSync } from 'node:fs';

/** An invented person of the benchmarks. The same position always gives the same person. */
export interface BenchPerson {
  readonly requestId: string;
  readonly userId: string;
  readonly email: string;
}

/** What a column of the list is called, and what stands in it. */
export const columns = {
  request_id: 'requestId',
  user_id: 'userId',
  email: 'email',
} as const satisfies Record<string, keyof BenchPerson>;

/** A column of the list. */
export type Column = keyof typeof columns;

/** Invents one person. Ids look like those of a real list: random, and as long as a UUID. */
export function personAt(position: number): BenchPerson {
  const number = String(position + 1).padStart(7, '0');
  return { requestId: `request-${number}`, userId: uuidOf(position), email: `person.${number}@example.com` };
}

/** Writes a list of invented people, piece by piece, so that a long one does not fill the memory. */
export function writePeople(path: string, count: number, names: readonly Column[]): number {
  const keys = names.map((name) => columns[name]);
  const file = openSync(path, 'w');
  let bytes = writeSync(file, `${names.join(',')}\n`);
  const pieceSize = 10_000;
  for (let start = 0; start < count; start += pieceSize) {
    const length = Math.min(pieceSize, count - start);
    const rows = Array.from({ length }, (_, offset) => {
      const person = personAt(start + offset);
      return keys.map((key) => person[key]).join(',');
    });
    bytes += writeSync(file, `${rows.join('\n')}\n`);
  }
  closeSync(file);
  return bytes;
}

function uuidOf(position: number): string {
  const hex = [1, 2, 3, 4]
    .map((part) =>
      mix(position * 4 + part)
        .toString(16)
        .padStart(8, '0'),
    )
    .join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
}

// Spreads neighbouring numbers over all of 32 bits (the finalizer of MurmurHash3). It is a bijection, so that the first
// eight digits alone never repeat.
function mix(number: number): number {
  let mixed = number >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
