import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allRows } from './all-rows.ts';
import { type RecordedRow, readRecordings } from './recordings.ts';
import { renderPage, renderRecording } from './render-page.ts';

const docs = join(import.meta.dirname, '../../docs');
const page = readFileSync(join(docs, 'benchmarks.md'), 'utf8');

function recorded(value: number, settings: Readonly<Record<string, number>> = {}): RecordedRow {
  const machine = {
    cpu: 'A processor',
    cores: 2,
    memoryGb: 8,
    system: 'linux x64',
    node: '24.11.0',
    sqlite: '3.50.0',
    undici: '8.0.0',
    revision: 'abc1234',
    measuredAt: '2026-01-05 10:00',
  };
  const target = { text: '≤ 300 ms', isMet: value <= 300 };
  return {
    machine,
    settings,
    result: { figures: [{ what: 'start', unit: 'ms', values: [value], target }], notes: [] },
  };
}

describe('renderPage', () => {
  it('compares the two newest recordings with the target, names an older one, and touches nothing else', () => {
    const recordings = new Map([
      ['first', { start: recorded(111), memory: recorded(7) }],
      ['second', { start: recorded(222) }],
      ['third', { start: recorded(333, { repeats: 5 }) }],
    ]);
    const written = renderPage(page, recordings);
    expect(written).toContain('| what      | target   | `third`    | `second` |');
    expect(written).toContain('| start, ms | ≤ 300 ms | **333**    | 222      |');
    expect(written).toContain('| start, ms | ≤ 300 ms | 7, `first` |          |');
    expect(written).toContain('- [`first`](benchmarks/first.json): A processor, 2 cores');
    const outside = (text: string) => text.replace(/(<!-- results:)[\s\S]*(<!-- end of the results)/, '$1$2');
    expect(outside(written)).toBe(outside(page));
    expect(renderPage(written, recordings)).toBe(written);
  });

  it('refuses a page without a place for results', () => {
    expect(() => renderPage('# Benchmarks', new Map())).toThrow('The page has no');
  });
});

it('renderRecording shows every figure of the rows that were measured', () => {
  const shown = renderRecording({ start: recorded(222, { repeats: 5 }) }, allRows);
  expect(shown).toMatch(/^## Start of the command[^#]*with `--repeats 5`[^#]*222 ms/);
});

it('the page says of every row how it is measured', () => {
  for (const { name } of allRows) expect(page).toContain(`\`pnpm bench ${name}\``);
});

describe('docs/benchmarks.md', () => {
  it('has the summary of the recordings that are there', () => {
    expect(renderPage(page, readRecordings())).toBe(page);
  });

  it('has at most two thousand words', () => {
    expect(page.split(/\s+/).length).toBeLessThanOrEqual(2000);
  });
});
