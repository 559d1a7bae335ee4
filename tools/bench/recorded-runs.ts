import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RowResult } from './bench-row.ts';
import type { MachineFacts } from './machine-facts.ts';
import { renderPage } from './render-page.ts';
import { drawChart } from './svg-chart.ts';
import { root } from './workplace.ts';

/** A row as it was measured in one run. */
export interface RecordedRow {
  readonly machine: MachineFacts;
  /** What was asked for other than usual. */
  readonly settings: Readonly<Record<string, number | string>>;
  readonly result: RowResult;
}

/** A run that the docs show, by its rows' names. Rows may be measured anew one by one. */
export type RecordedRun = Readonly<Record<string, RecordedRow>>;

const docs = join(root, 'docs');
const kept = join(docs, 'benchmarks');

/** Writes what was measured to the scratch folder and, where the run has a name, to the docs. */
export function keepResult(given: {
  readonly scratch: string;
  readonly run: string | undefined;
  readonly row: string;
  readonly machine: MachineFacts;
  readonly settings: Readonly<Record<string, number | string | undefined>>;
  readonly result: RowResult;
}): void {
  const { scratch, run, row, machine, result } = given;
  const settings = Object.fromEntries(
    Object.entries(given.settings).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  addTo(join(scratch, 'results.json'), row, { machine, settings, result });
  if (run === undefined) return;
  mkdirSync(kept, { recursive: true });
  addTo(join(kept, `${run}.json`), row, { machine, settings, result });
}

/** Writes the results of all recorded runs into docs/benchmarks.md, and the curves of the last one beside it. */
export function writePage(): void {
  const runs = new Map(
    readdirSync(kept)
      .filter((file) => file.endsWith('.json'))
      .sort()
      .map((file) => [file.replace(/\.json$/, ''), readRun(join(kept, file))]),
  );
  for (const run of runs.values()) {
    for (const { result } of Object.values(run)) {
      if (result.curve !== undefined) writeFileSync(join(kept, result.curve.file), drawChart(result.curve.chart));
    }
  }
  const page = join(docs, 'benchmarks.md');
  writeFileSync(page, renderPage(readFileSync(page, 'utf8'), runs));
}

function readRun(path: string): RecordedRun {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
}

function addTo(path: string, row: string, recorded: RecordedRow): void {
  writeFileSync(path, `${JSON.stringify({ ...readRun(path), [row]: recorded }, undefined, 2)}\n`);
}
