import type { ColumnRules } from './column-rules.ts';
import { decodeText } from './decode-text.ts';
import type { ListRows } from './list-row.ts';
import type { List } from './open-list.ts';
import { readCsv } from './read-csv.ts';
import { readJsonLines } from './read-json-lines.ts';

/**
 * Reads the rows of a list, from its beginning.
 *
 * @param delimiter - What separates the cells of a CSV. Left out: the first line tells, and else it is a comma, and a tab in a TSV.
 * @throws ListError where it can't be read on.
 */
export function readRows(list: List, rules: ColumnRules, delimiter?: string): ListRows {
  const text = decodeText(list.bytes());
  switch (list.format) {
    case 'csv':
      return readCsv(text, delimiter, rules);
    case 'tsv':
      return readCsv(text, delimiter ?? '\t', rules);
    case 'jsonl':
      return readJsonLines(text, rules);
  }
}
