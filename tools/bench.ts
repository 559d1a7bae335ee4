import { mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { allRows, fleetRows, singleMachineRows } from './bench/all-rows.ts';
import type { BenchContext, BenchRow } from './bench/bench-row.ts';
import { machineFacts, machineWords } from './bench/machine-facts.ts';
import { keepResult, readRecordings, writePage } from './bench/recordings.ts';
import { renderRecording } from './bench/render-page.ts';
import { renderRow } from './bench/render-table.ts';
import { deletionNames } from './bench/vendor-calls.ts';
import { startVendor } from './bench/vendor-process.ts';
import { root } from './bench/workplace.ts';
import { runCommand } from './run-command.ts';

// `pnpm bench`: measures every row of a single machine (`--fleet`: of a fleet), prints tables, and writes the same as JSON to .bench/results.json.
// `pnpm bench throughput start --repeats 5`: some of them. `--only clevertap`: with that connector alone, where a row takes
// connectors one by one. `--record first`: also keeps them as docs/benchmarks/first.json, of which docs/benchmarks.md has a
// summary. `--show first`: prints the tables of a recording, and measures nothing.

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    list: { type: 'boolean', default: false },
    fleet: { type: 'boolean', default: false },
    repeats: { type: 'string' },
    subjects: { type: 'string' },
    seconds: { type: 'string' },
    workers: { type: 'string', multiple: true },
    only: { type: 'string', multiple: true },
    record: { type: 'string' },
    show: { type: 'string' },
    scratch: { type: 'string', default: join(root, '.bench') },
    'no-build': { type: 'boolean', default: false },
  },
});

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function count(name: 'repeats' | 'subjects' | 'seconds'): number | undefined {
  const given = flags[name];
  if (given === undefined) return undefined;
  const value = Number(given.replaceAll(/[,_]/g, ''));
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} takes a whole number from 1 up.`);
  return value;
}

function workerCounts(): readonly number[] | undefined {
  const counts = flags.workers?.map(Number);
  if (counts?.every((each) => Number.isInteger(each) && each >= 1) === false) {
    throw new Error('--workers takes a whole number from 1 up.');
  }
  return counts;
}

function chosenRows(): readonly BenchRow[] {
  if (positionals.length === 0) return flags.fleet ? fleetRows : singleMachineRows;
  return positionals.map((name) => {
    const row = allRows.find((each) => each.name === name);
    if (row !== undefined) return row;
    throw new Error(`There is no row ${name}. There are: ${allRows.map((each) => each.name).join(', ')}.`);
  });
}

function wantedConnectors(): readonly string[] {
  const { only = deletionNames } = flags;
  const unknown = only.find((name) => !deletionNames.some((each) => each === name));
  if (unknown === undefined) return only;
  throw new Error(`There is no connector ${unknown} here. There are: ${deletionNames.join(', ')}.`);
}

function nameOfRecording(): string | undefined {
  const { record } = flags;
  if (record === undefined || /^[a-z0-9-]+$/.test(record)) return record;
  throw new Error('--record takes a name of small letters, digits and "-".');
}

function show(name: string): void {
  const recordings = readRecordings();
  const recording = recordings.get(name);
  if (recording === undefined) {
    throw new Error(`There is no recording ${name}. There are: ${[...recordings.keys()].join(', ')}.`);
  }
  say(renderRecording(recording, positionals.length === 0 ? allRows : chosenRows()));
}

async function build(): Promise<void> {
  const parameters = ['run', 'build:quiet'];
  const { exitCode, output } = await runCommand('pnpm', parameters, { folder: root, environment: process.env });
  if (exitCode !== 0) throw new Error(`The build failed:\n${output}`);
}

async function main(): Promise<void> {
  if (flags.list) {
    for (const { name, title } of allRows) say(`${name.padEnd(16)} ${title}`);
    return;
  }
  if (flags.show !== undefined) {
    show(flags.show);
    return;
  }
  const rows = chosenRows();
  const settings = { repeats: count('repeats'), subjects: count('subjects'), seconds: count('seconds') };
  const workers = workerCounts();
  const wanted = wantedConnectors();
  const recording = nameOfRecording();
  const scratch = resolve(flags.scratch);
  if (!flags['no-build']) await build();
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(scratch, { recursive: true });
  const machine = machineFacts();
  say(`${machineWords(machine)}\n`);
  const vendor = await startVendor();
  try {
    const tell = (text: string) => void process.stderr.write(`  ${text}\n`);
    const isWanted = (connector: string) => wanted.includes(connector);
    const context: BenchContext = { ...settings, workers, isWanted, scratch, vendor, say: tell };
    for (const row of rows) {
      const startedAt = performance.now();
      const result = await row.measure(context);
      const seconds = Math.round((performance.now() - startedAt) / 1000);
      say(`## ${row.title}\n\n${renderRow(result)}\n\n(${seconds} s)\n`);
      keepResult({
        scratch,
        recording,
        row: row.name,
        machine,
        settings: { ...settings, workers: flags.workers?.join(' --workers '), only: flags.only?.join(' --only ') },
        result,
      });
    }
  } finally {
    await vendor.close();
  }
  if (recording !== undefined) writePage();
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
