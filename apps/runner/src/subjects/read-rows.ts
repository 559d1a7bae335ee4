import type { ColumnRules } from './column-rules.ts';
import { decodeText } from './decode-text.ts';
import type { InputRows } from './input-row.ts';
import { readCsv } from './read-csv.ts';
import { readJsonLines } from './read-json-lines.ts';
import type { SubjectSource } from './subject-source.ts';

/** Reads the rows of an input, from its beginning. */
export function readRows(source: SubjectSource, rules: ColumnRules, delimiter: string | undefined): InputRows {
  const text = decodeText(source.bytes());
  switch (source.format) {
    case 'csv':
      return readCsv(text, delimiter ?? ',', rules);
    case 'tsv':
      return readCsv(text, delimiter ?? '\t', rules);
    case 'jsonl':
      return readJsonLines(text, rules);
  }
}
