import { valueFaultWords } from '@expunge/engine';
import type { SuspiciousColumn } from '@expunge/lists';
import { countWords, plural } from '../output/table.ts';

/** What is told of values that are probably not what the vendors store: how many, in which column, and where the first ones are. */
export function suspiciousWords(name: string, { type, fault, count, lines }: SuspiciousColumn): string {
  const where = `${plural(lines.length, 'line').replace(/^[\d,]+ /, '')} ${lines.map((line) => countWords(line)).join(', ')}`;
  const first = count > lines.length ? `the first on ${where}` : where;
  return count === 1
    ? `${name}: 1 value of ${type} (${first}) ${valueFaultWords[fault]}. It is sent exactly so.`
    : `${name}: ${countWords(count)} values of ${type} (${first}): each ${valueFaultWords[fault]}. They are sent exactly so.`;
}
