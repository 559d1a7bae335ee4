import type { Breakdown, Figure, RowResult } from './bench-row.ts';
import { numberWords } from './number-words.ts';
import { summarize } from './statistics.ts';

/** The columns of every row's table. */
const columns = ['what', 'measured', 'against', 'compared', 'target'];

/** One row of the benchmarks as Markdown: its figures, then where things go, then how it was measured. */
export function renderRow(result: RowResult): string {
  const parts = [markdownTable(columns, result.figures.map(figureCells))];
  for (const { title, columns: names, lines } of result.breakdowns ?? []) {
    parts.push(`${title}:`, markdownTable(names, lines.map(breakdownCells)));
  }
  if (result.notes.length > 0) parts.push(result.notes.map((note) => `- ${note}`).join('\n'));
  return parts.join('\n\n');
}

/** A Markdown table, readable on a terminal too: cells are padded to equal width. */
export function markdownTable(names: readonly string[], lines: readonly (readonly string[])[]): string {
  const widths = names.map((name, index) =>
    Math.max(3, name.length, ...lines.map((cells) => (cells[index] ?? '').length)),
  );
  const row = (cells: readonly string[]) =>
    `| ${widths.map((width, index) => (cells[index] ?? '').padEnd(width)).join(' | ')} |`;
  return [row(names), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...lines.map(row)].join('\n');
}

function figureCells({ what, unit, values, against, ratios, ratioUnit, target }: Figure): readonly string[] {
  return [
    what,
    `${spreadWords(values)} ${unit}`,
    against === undefined ? '' : `${against.what}: ${spreadWords(against.values)} ${unit}`,
    ratios === undefined ? '' : [spreadWords(ratios), ratioUnit].filter(Boolean).join(' '),
    target === undefined ? '' : `${target.text}: ${target.isMet ? 'met' : '**missed**'}`,
  ];
}

/** The median and, where it was measured more than once, from where to where it went: `812 (790–840)`. */
export function spreadWords(values: readonly number[]): string {
  const { median, lowest, highest } = summarize(values);
  return values.length === 1
    ? numberWords(median)
    : `${numberWords(median)} (${numberWords(lowest)}–${numberWords(highest)})`;
}

function breakdownCells(line: Breakdown['lines'][number]): readonly string[] {
  return line.map((cell) => (typeof cell === 'number' ? numberWords(cell) : cell.replaceAll('|', '\\|')));
}
