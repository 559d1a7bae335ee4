import { type ColumnRules, isKnownColumn, isWanted, meaningOf } from './column-rules.ts';
import { findRepeatedKeys } from './find-repeated-keys.ts';
import { ListError } from './list-error.ts';
import type { Field, ListRow, RowIssue } from './list-row.ts';

const longestLine = 1_000_000;
const valueForm = 'must be text, a whole number, or a list of these';

/**
 * Reads JSON Lines: one object per person, whose keys are the columns of the CSV form. A value is text, a whole number,
 * or a list of these; null is none.
 *
 * @param text - Decoded, with `\n` as line ending.
 * @throws ListError where the list is empty or can't be read on.
 */
export async function* readJsonLines(
  text: AsyncIterable<string>,
  rules: ColumnRules,
): AsyncGenerator<readonly ListRow[]> {
  let rows = 0;
  for await (const lines of readLines(text)) {
    const filled = lines.filter(({ content }) => content.trim() !== '');
    if (rows === 0 && filled[0]?.content.trimStart().startsWith('[') === true) {
      throw new ListError(
        'json-array',
        'this is a JSON array. Write one object per line, without brackets and commas around',
        {
          line: filled[0].line,
        },
      );
    }
    rows += filled.length;
    yield filled.map(({ line, content }) => toRow(line, content, rules));
  }
  if (rows === 0) throw new ListError('empty', 'the list is empty. It needs one JSON object per line and person');
}

function toRow(line: number, content: string, rules: ColumnRules): ListRow {
  let value: unknown;
  try {
    value = JSON.parse(content, keepDigits);
  } catch {
    return { line, fields: [], issues: [{ code: 'not-json', message: 'is not valid JSON' }] };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { line, fields: [], issues: [{ code: 'not-an-object', message: 'is no JSON object' }] };
  }
  const fields: Field[] = [];
  const issues: RowIssue[] = [];
  const repeated = findRepeatedKeys(content);
  let isOther = [...(rules.where?.keys() ?? [])].some((column) => !(column in value));
  for (const [key, given] of Object.entries(value)) {
    if (!isKnownColumn(key, rules)) {
      issues.push({
        code: 'column-unknown',
        message: `no configured connector uses "${key.slice(0, 100)}"`,
        column: key,
      });
      continue;
    }
    if (!isWanted(key, String(given), rules)) isOther = true;
    const name = meaningOf(key, rules);
    if (name === undefined) continue;
    if (repeated.has(key)) {
      const message = `${name}: this key stands more than once on the line. Write it once, several values as a list`;
      issues.push({ code: 'column-repeated', message, column: name });
      continue;
    }
    const values: unknown[] = Array.isArray(given) ? given : [given];
    for (const item of values) {
      if (item === null || item === '') continue;
      if (typeof item === 'string') fields.push({ name, value: item });
      else issues.push({ code: 'value-form', message: `${name}: ${valueForm}`, column: name });
    }
  }
  return isOther ? { line, fields: [], issues: [], isOther } : { line, fields, issues };
}

// Numbers become the digits that stand in the input: rounding a long id would name somebody else.
function keepDigits(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number') return value;
  return context?.source !== undefined && /^-?\d+$/.test(context.source) ? context.source : value;
}

interface Line {
  readonly line: number;
  readonly content: string;
}

async function* readLines(text: AsyncIterable<string>): AsyncGenerator<readonly Line[]> {
  let line = 1;
  let rest = '';
  for await (const chunk of text) {
    const pieces = (rest + chunk).split('\n');
    rest = pieces.pop() ?? '';
    const first = line;
    line += pieces.length;
    yield pieces.map((content, index) => ({ line: first + index, content }));
    if (rest.length > longestLine)
      throw new ListError('row-too-long', 'this line is longer than 1 MB. It needs one JSON object per line', { line });
  }
  if (rest !== '') yield [{ line, content: rest }];
}
