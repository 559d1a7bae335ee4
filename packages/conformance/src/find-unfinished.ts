import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A place that a generated connector leaves to its author. */
export interface UnfinishedPlace {
  /** The file, seen from what was searched. */
  readonly file: string;
  /** Its line, counted from 1. */
  readonly line: number;
  /** What to write there. */
  readonly what: string;
}

const passedOver = new Set(['node_modules', 'dist', 'coverage']);
const searched = /\.(ts|md|yaml|json)$/;
// A call of unfinished('...'), or the word in capitals in a comment or a page.
const marks = [
  /\bunfinished\(\s*(['"`])(?<what>(?:\\.|(?!\1).)+)\1/g,
  /\bUNFINISHED: (?<what>[^|\n]+?)['"`,]*(?:[|\n]|$)/g,
];

/** Finds every place that is still to be written, in files and folders. */
export function findUnfinished(places: readonly (string | URL)[]): readonly UnfinishedPlace[] {
  return places
    .map((place) => (place instanceof URL ? fileURLToPath(place) : place))
    .flatMap((place) => filesIn(place).flatMap((file) => unfinishedIn(file, nameOf(file, place))));
}

function unfinishedIn(path: string, file: string): UnfinishedPlace[] {
  const text = readFileSync(path, 'utf8');
  return marks
    .flatMap((mark) => [...text.matchAll(mark)])
    .sort((one, other) => one.index - other.index)
    .map((found) => ({
      file,
      line: text.slice(0, found.index).split('\n').length,
      what: (found.groups?.what ?? '').trim().replace(/\.$/, ''),
    }));
}

function filesIn(place: string): string[] {
  if (statSync(place).isFile()) return [place];
  return readdirSync(place, { withFileTypes: true }).flatMap((entry) => {
    const path = join(place, entry.name);
    if (entry.isDirectory()) return passedOver.has(entry.name) || entry.name.startsWith('.') ? [] : filesIn(path);
    return entry.isFile() && searched.test(entry.name) ? [path] : [];
  });
}

function nameOf(file: string, place: string): string {
  return (relative(place, file) || basename(file)).split(sep).join('/');
}
