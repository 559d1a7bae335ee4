import { stripVTControlCharacters } from 'node:util';
import { printableLine } from './printable.ts';

export { countWords, plural } from '@expunge/report/words';

/** A column of a table. */
export interface Column {
  /** What stands above it. */
  readonly title: string;
  /** Numbers stand right. Default: left. */
  readonly align?: 'left' | 'right' | undefined;
}

/** Renders rows under titles, in columns as wide as they need. Colored cells keep their color. */
export function renderTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  // A cell is one line, whatever a vendor or a list put into it.
  const shown = rows.map((row) => row.map(printableLine));
  const widths = columns.map((column, index) =>
    Math.max(column.title.length, ...shown.map((row) => visibleWidth(row[index] ?? ''))),
  );
  const line = (cells: readonly string[]) =>
    columns
      .map((column, index) => pad(cells[index] ?? '', widths[index] ?? 0, column.align ?? 'left'))
      .join('  ')
      .trimEnd();
  return [line(columns.map((column) => column.title)), ...shown.map(line)].map((text) => `  ${text}\n`).join('');
}

function pad(cell: string, width: number, align: 'left' | 'right'): string {
  const space = ' '.repeat(Math.max(0, width - visibleWidth(cell)));
  return align === 'right' ? space + cell : cell + space;
}

function visibleWidth(cell: string): number {
  return stripVTControlCharacters(cell).length;
}
