import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RowResult } from './bench-row.ts';
import type { MachineFacts } from './machine-facts.ts';
import { renderPage } from './render-page.ts';
import { drawChart } from './svg-chart.ts';
import { root } from './workplace.ts';

/** A row as it was measured for one recording. */
export interface RecordedRow {
  readonly machine: MachineFacts;
  /** What was asked for other than usual. */
  readonly settings: Readonly<Record<string, number | string>>;
  readonly result: RowResult;
}

/** What the docs show under one name, by its rows' names. Rows may be measured anew one by one. */
export type Recording = Readonly<Record<string, RecordedRow>>;

const docs = join(root, 'docs');
const kept = join(docs, 'benchmarks');

/** Writes what was measured to the scratch folder and, where it is to be recorded, to the docs. */
export function keepResult(given: {
  readonly scratch: string;
  /** The recording's name. */
  readonly recording: string | undefined;
  readonly row: string;
  readonly machine: MachineFacts;
  readonly settings: Readonly<Record<string, number | string | undefined>>;
  readonly result: RowResult;
}): void {
  const { scratch, recording, row, machine, result } = given;
  const settings = Object.fromEntries(
    Object.entries(given.settings).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  addTo(join(scratch, 'results.json'), row, { machine, settings, result });
  if (recording === undefined) return;
  mkdirSync(kept, { recursive: true });
  addTo(join(kept, `${recording}.json`), row, { machine, settings, result });
}

/** All recordings in docs/benchmarks by name, the oldest first. */
export function readRecordings(): ReadonlyMap<string, Recording> {
  const firstMeasured = (recording: Recording) =>
    Object.values(recording)
      .map(({ machine }) => machine.measuredAt)
      .toSorted()[0] ?? '';
  return new Map(
    readdirSync(kept)
      .filter((file) => file.endsWith('.json'))
      .map((file): [string, Recording] => [file.replace(/\.json$/, ''), readRecording(join(kept, file))])
      .sort(([, one], [, other]) => firstMeasured(one).localeCompare(firstMeasured(other))),
  );
}

/** Writes a summary of all recordings into docs/benchmarks.md, and the curves of the last one beside them. */
export function writePage(): void {
  const recordings = readRecordings();
  for (const recording of recordings.values()) {
    for (const { result } of Object.values(recording)) {
      if (result.curve !== undefined) writeFileSync(join(kept, result.curve.file), drawChart(result.curve.chart));
    }
  }
  const page = join(docs, 'benchmarks.md');
  writeFileSync(page, renderPage(readFileSync(page, 'utf8'), recordings));
}

function readRecording(path: string): Recording {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
}

function addTo(path: string, row: string, recorded: RecordedRow): void {
  writeFileSync(path, `${JSON.stringify({ ...readRecording(path), [row]: recorded }, undefined, 2)}\n`);
}
