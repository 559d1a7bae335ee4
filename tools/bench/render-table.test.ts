import { expect, it } from 'vitest';
import type { RowResult } from './bench-row.ts';
import { renderRow, spreadWords } from './render-table.ts';

const result: RowResult = {
  figures: [
    {
      what: 'clevertap',
      unit: 'subjects/s',
      values: [90_000, 110_000, 100_000],
      against: { what: 'bare loop', values: [200_000, 200_000, 200_000] },
      ratios: [0.45, 0.55, 0.5],
      target: { text: '≥ 100,000', isMet: true },
    },
    {
      what: 'help',
      unit: 'ms',
      values: [80],
      ratios: [30],
      ratioUnit: 'ms more',
      target: { text: '≤ 20', isMet: false },
    },
  ],
  breakdowns: [{ title: 'Where it goes', columns: ['part', 'µs'], lines: [['a|b', 1.234]] }],
  notes: ['Measured so.'],
};

it('prints the median, the spread, the comparison and whether the target is met', () => {
  const lines = renderRow(result)
    .split('\n')
    .map((line) => line.replaceAll(/ +/g, ' '));
  expect(lines).toContain(
    '| clevertap | 100,000 (90,000–110,000) subjects/s | bare loop: 200,000 (200,000–200,000) subjects/s | 0.5 (0.45–0.55) | ≥ 100,000: met |',
  );
  expect(lines).toContain('| help | 80 ms | | 30 ms more | ≤ 20: **missed** |');
  expect(lines).toContain('| a\\|b | 1.23 |');
  expect(lines).toContain('- Measured so.');
});

it('claims no spread where there was one measurement', () => {
  expect(spreadWords([42])).toBe('42');
});
