import { expect, it } from 'vitest';
import { countWords, plural, renderTable } from './table.ts';

it('aligns columns, whatever color the cells have', () => {
  const table = renderTable(
    [{ title: 'name' }, { title: 'n', align: 'right' }, { title: 'why' }],
    [
      ['a', '\u001B[31m1,000\u001B[39m', 'x'],
      ['longer', '2', ''],
    ],
  );
  expect(table).toBe('  name        n  why\n  a       \u001B[31m1,000\u001B[39m  x\n  longer      2\n');
});

it('counts in words', () => {
  expect([
    countWords(1_234_567),
    plural(1, 'person', 'people'),
    plural(2, 'person', 'people'),
    plural(0, 'call'),
  ]).toEqual(['1,234,567', '1 person', '2 people', '0 calls']);
});
