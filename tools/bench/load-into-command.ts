import { readFileSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What the benchmarks put into the measured process itself. */
export type LoadedProgram = 'lifted-limits' | 'name-natives' | 'report-peak-memory';

/**
 * Writes one of the programs as JavaScript to a folder. In the measured process it must be that: for a TypeScript module
 * Node loads its compiler first, whose time and memory would be measured too.
 *
 * @returns The file's path.
 */
export function writeAsJavaScript(program: LoadedProgram, folder: string): string {
  const source = fileURLToPath(new URL(`./programs/${program}.ts`, import.meta.url));
  const path = join(folder, `${program}.mjs`);
  writeFileSync(path, stripTypeScriptTypes(readFileSync(source, 'utf8')));
  return path;
}
