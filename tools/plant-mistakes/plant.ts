import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** One mistake: an exact text of a file that stands there once, and what to put in its place. */
export interface Mistake {
  /** The file, from the root of the repository. */
  readonly file: string;
  /** A text that stands in the file exactly once. */
  readonly find: string;
  /** What stands there instead. */
  readonly replace: string;
  /** What is wrong then: "takes a running task for a finished one". */
  readonly mistake: string;
  /** Why the conformance suite can't notice it, where that is so. */
  readonly unknowable?: string;
}

/** One connector, its test, and the mistakes to plant in it: a file of `mistakes`. */
export interface Plan {
  /** What the connector is called in the table. */
  readonly connector: string;
  /** Its conformance test, from the root of the repository. */
  readonly test: string;
  readonly mistakes: readonly Mistake[];
}

/** What came of one mistake, in the order of the plan: a file of `results`. */
export interface PlantedResult {
  readonly mistake: string;
  readonly file: string;
  /** The first check that failed. null: none did. */
  readonly caughtBy: string | null;
}

/** The text of a file with the mistake in it. */
export function spoiled(text: string, { file, find, replace }: Mistake): string {
  const parts = text.split(find);
  if (parts.length !== 2) throw new Error(`In ${file} there is ${parts.length - 1} times instead of once: ${find}`);
  return parts.join(replace);
}

/** Plants a mistake in a copy of the repository, for as long as a function runs. */
export async function withMistake<Value>(copy: string, mistake: Mistake, run: () => Promise<Value>): Promise<Value> {
  const path = join(copy, mistake.file);
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, spoiled(text, mistake));
  try {
    return await run();
  } finally {
    writeFileSync(path, text);
  }
}
