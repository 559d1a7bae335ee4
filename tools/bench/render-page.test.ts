import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allRows } from './all-rows.ts';
import type { RecordedRow } from './recordings.ts';
import { renderPage } from './render-page.ts';

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
  return { machine, settings, result: { figures: [{ what: 'start', unit: 'ms', values: [value] }], notes: [] } };
}

describe('renderPage', () => {
  it('puts every recording of a row under its title, and touches nothing else', () => {
    const recordings = new Map([
      ['first', { start: recorded(111) }],
      ['second', { start: recorded(222, { repeats: 5 }) }],
    ]);
    const written = renderPage(page, recordings);
    expect(written).toMatch(
      /### Start of the command[^#]*Recording `first`[^#]*111 ms[^#]*Recording `second`[^#]*222 ms/,
    );
    expect(written).toContain('with `--repeats 5`');
    const outside = (text: string) => text.replace(/(<!-- results:)[\s\S]*(<!-- end of the results)/, '$1$2');
    expect(outside(written)).toBe(outside(page));
    expect(renderPage(written, recordings)).toBe(written);
  });

  it('refuses a page without a place for results', () => {
    expect(() => renderPage('# Benchmarks', new Map())).toThrow('The page has no');
  });
});

it('the page says of every row how it is measured', () => {
  for (const { name } of allRows) expect(page).toContain(`\`pnpm bench ${name}\``);
});
