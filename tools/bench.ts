import { mkdirSync, rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { allRows } from './bench/all-rows.ts';
import type { BenchContext, BenchRow } from './bench/bench-row.ts';
import { machineFacts } from './bench/machine-facts.ts';
import { keepResult, writePage } from './bench/recorded-runs.ts';
import { renderRow } from './bench/render-table.ts';
import { startVendor } from './bench/vendor-process.ts';
import { root, scratch } from './bench/workplace.ts';
import { runCommand } from './run-command.ts';

// `pnpm bench`: measures every row, prints tables, and writes the same as JSON. `pnpm bench throughput --repeats 5`: one
// of them. `--record first`: also keeps it as a run of that name for docs/benchmarks.md. What each row measures, and how,
// stands in docs/benchmarks.md.

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    list: { type: 'boolean', default: false },
    repeats: { type: 'string' },
    subjects: { type: 'string' },
    seconds: { type: 'string' },
    record: { type: 'string' },
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
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} takes a whole number from 1.`);
  return value;
}

function chosenRows(): readonly BenchRow[] {
  if (positionals.length === 0) return allRows;
  return positionals.map((name) => {
    const row = allRows.find((each) => each.name === name);
    if (row === undefined)
      throw new Error(`There is no row ${name}. There are: ${allRows.map((each) => each.name).join(', ')}.`);
    return row;
  });
}

async function build(): Promise<void> {
  const { exitCode, output } = await runCommand('pnpm', ['run', 'build:quiet'], {
    folder: root,
    environment: process.env,
  });
  if (exitCode !== 0) throw new Error(`The build failed:\n${output}`);
}

async function main(): Promise<void> {
  if (flags.list) {
    for (const { name, title } of allRows) say(`${name.padEnd(16)} ${title}`);
    return;
  }
  const rows = chosenRows();
  const settings = { repeats: count('repeats'), subjects: count('subjects'), seconds: count('seconds') };
  if (!flags['no-build']) await build();
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(scratch);
  const machine = machineFacts();
  say(
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB; Node ${machine.node}, SQLite ${machine.sqlite}, undici ${machine.undici}; commit ${machine.revision}\n`,
  );
  const vendor = await startVendor();
  try {
    const context: BenchContext = { ...settings, vendor, say: (text) => process.stderr.write(`  ${text}\n`) };
    for (const row of rows) {
      const startedAt = performance.now();
      const result = await row.measure(context);
      const seconds = Math.round((performance.now() - startedAt) / 1000);
      say(`## ${row.title}\n\n${renderRow(result)}\n\n(${seconds} s)\n`);
      keepResult({ run: flags.record, row: row.name, machine, settings, result });
    }
  } finally {
    await vendor.close();
  }
  if (flags.record !== undefined) writePage();
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
