import { type ColumnRules, meaningOf } from './column-rules.ts';

const delimiters = [',', ';', '\t', '|'] as const;

/**
 * What separates the cells of a CSV, by its first line: what Excel writes above the header (`sep=;`), or the one character that gives
 * columns which mean something. Undefined where none or several do.
 */
export function findDelimiter(firstLine: string, rules: ColumnRules): string | undefined {
  const stated = /^sep=(.)$/.exec(firstLine)?.[1];
  if (stated !== undefined) return stated;
  const found = delimiters.filter((delimiter) =>
    firstLine.split(delimiter).some((cell) => meaningOf(cell.trim().replace(/^"(.*)"$/, '$1'), rules) !== undefined),
  );
  return found.length === 1 ? found[0] : undefined;
}
