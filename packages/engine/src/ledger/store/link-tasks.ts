import type { Sql } from './sql.ts';
import { oneMoreJob } from './task-columns.ts';

/** Tasks that are linked with one statement: a text for each of these numbers, of which a database keeps each prepared. */
const tasksPerStatement = [25, 5, 1] as const;

/** Links each of many tasks to what is its own: the call that carries it, or the submission that it waits for. */
export async function linkTasks(
  sql: Sql,
  column: 'call' | 'submission',
  ids: readonly number[],
  links: ReadonlyMap<number, number>,
): Promise<void> {
  const linked = ids.filter((id) => links.has(id));
  let next = 0;
  for (const size of tasksPerStatement) {
    for (; next + size <= linked.length; next += size) {
      const some = linked.slice(next, next + size);
      await sql.run(linkText(column, size), ...some.flatMap((id) => [id, links.get(id) ?? null]), ...some);
    }
  }
}

function linkText(column: 'call' | 'submission', tasks: number): string {
  const cases = Array.from({ length: tasks }, () => 'WHEN ? THEN CAST(? AS bigint)').join(' ');
  const ids = Array.from({ length: tasks }, () => '?').join(', ');
  const jobs = column === 'submission' ? `, ${oneMoreJob}` : '';
  return `UPDATE tasks SET ${column} = CASE id ${cases} END${jobs} WHERE id IN (${ids})`;
}
