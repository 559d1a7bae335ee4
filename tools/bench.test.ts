import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allRows } from './bench/all-rows.ts';
import type { Recording } from './bench/recordings.ts';
import { type CommandResult, runCommand } from './run-command.ts';

// The benchmarks, so small that their figures mean nothing: they have to run, delete everybody (each row asks its vendor
// and fails otherwise), and fill the table. Nothing here looks at a time. Each row is a dozen processes: in every check runs
// one row of each kind, and by hand and every week all of them.
// EXPUNGE_LONG=1 pnpm unit tools/bench.test.ts
const isLong = process.env.EXPUNGE_LONG === '1';

const root = join(import.meta.dirname, '..');
let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'expunge-bench-'));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function bench(...parameters: readonly string[]): Promise<CommandResult> {
  return runCommand(process.execPath, ['tools/bench.ts', '--no-build', '--scratch', scratch, ...parameters], {
    folder: root,
    environment: process.env,
  });
}

const measured: readonly {
  readonly rows: readonly string[];
  readonly options: readonly string[];
  /** The row that runs in every check. */
  readonly always: string;
}[] = [
  {
    rows: ['throughput', 'physical-limits', 'profile', 'memory', 'start', 'ledger-size', 'install-size'],
    always: 'throughput',
    options: ['--subjects', '300', '--repeats', '1', '--only', 'mixpanel-gdpr'],
  },
  {
    rows: ['single-calls', 'batches', 'vendor-limits', 'slower-vendor', 'growth'],
    always: 'single-calls',
    options: ['--subjects', '1', '--repeats', '1', '--seconds', '2', '--only', 'segment-identifier'],
  },
  {
    rows: ['fleet-limits', 'fleet-throughput', 'fleet-cost'],
    always: 'fleet-limits',
    options: ['--subjects', '20', '--repeats', '1', '--seconds', '2', '--workers', '2', '--only', 'segment-identifier'],
  },
];

describe.each(measured.map((each) => ({ ...each, rows: isLong ? each.rows : [each.always] })))(
  '$rows',
  ({ rows, options }) => {
    it('are measured, shown and kept', async () => {
      const { exitCode, output } = await bench(...rows, ...options);
      expect({ exitCode, output }).toMatchObject({ exitCode: 0 });
      const kept: Recording = JSON.parse(readFileSync(join(scratch, 'results.json'), 'utf8'));
      expect(Object.keys(kept)).toEqual(rows);
      for (const name of rows) {
        const figures = kept[name]?.result.figures ?? [];
        expect(figures.length, name).toBeGreaterThan(0);
        for (const { what, values } of figures) {
          expect(output).toContain(what);
          expect(values.length, what).toBeGreaterThan(0);
        }
        expect(output).toContain(`## ${allRows.find((row) => row.name === name)?.title}`);
      }
    });
  },
);

it('together these are all rows', () => {
  const names = measured.flatMap(({ rows }) => rows).sort();
  expect(measured.every(({ rows, always }) => rows.includes(always))).toBe(true);
  expect(names).toEqual(allRows.map(({ name }) => name).sort());
});

it.each([
  [['nonsense'], 'There is no row nonsense. There are: throughput,'],
  [['throughput', '--only', 'acme'], 'There is no connector acme here.'],
  [['throughput', '--record', '../x'], '--record takes a name'],
  [['--show', 'nonsense'], 'There is no recording nonsense. There are: baseline, first, second.'],
])('%j is refused with what to do', async (parameters, message) => {
  const { exitCode, output } = await bench(...parameters);
  expect(exitCode).toBe(1);
  expect(output).toContain(message);
});

it('--list names every row', async () => {
  const { output } = await bench('--list');
  for (const { name, title } of allRows) expect(output).toMatch(new RegExp(`^${name} +${title}$`, 'm'));
});
