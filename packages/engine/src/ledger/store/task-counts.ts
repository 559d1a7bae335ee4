import type { CountKey, CountRow, StoredCount } from '../rows.ts';
import type { Sql } from './sql.ts';

/** How many tasks stand where. Changes of a transaction are written with it, as differences, so that the counts never drift. */
export class TaskCounts {
  #committed = new Map<string, CountRow>();
  #changed = new Map<string, CountRow>();

  /** Counts tasks in (or out, with a negative number) within the current transaction. */
  add(key: CountKey, tasks: number): void {
    addTo(this.#changed, key, tasks);
  }

  /** Writes the changes of the current transaction, at its end. */
  async write(sql: Sql): Promise<void> {
    for (const { connector, state, assurance, reason, tasks } of this.#changed.values()) {
      if (tasks === 0) continue;
      await sql.run(
        `INSERT INTO task_counts (connector, state, assurance, reason, tasks) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (connector, state, assurance, reason) DO UPDATE SET tasks = task_counts.tasks + excluded.tasks`,
        connector,
        state,
        assurance ?? '',
        reason ?? '',
        tasks,
      );
    }
  }

  /** Takes the changes for true: they are committed. */
  afterCommit(): void {
    for (const row of this.#changed.values()) addTo(this.#committed, row, row.tasks);
    this.#changed = new Map();
  }

  /** Forgets the changes of a transaction that failed. */
  discard(): void {
    this.#changed = new Map();
  }

  /** Reads the counts as they are in the database. */
  async read(sql: Sql): Promise<void> {
    const rows = await sql.all<StoredCount>(
      'SELECT connector, state, assurance, reason, tasks FROM task_counts WHERE tasks > 0',
    );
    this.#committed = new Map(rows.map(withoutEmptyTexts).map((row) => [keyOf(row), row]));
  }

  /** All lines with at least one task. */
  rows(): readonly CountRow[] {
    return [...this.#committed.values()].filter((row) => row.tasks > 0);
  }
}

// A key of the table can't be empty: there, no assurance and no reason are empty texts.
function withoutEmptyTexts({ connector, state, assurance, reason, tasks }: StoredCount): CountRow {
  return { connector, state, assurance: assurance || null, reason: reason || null, tasks };
}

function addTo(counts: Map<string, CountRow>, key: CountKey, tasks: number): void {
  const name = keyOf(key);
  const before = counts.get(name)?.tasks ?? 0;
  counts.set(name, {
    connector: key.connector,
    state: key.state,
    assurance: key.assurance,
    reason: key.reason,
    tasks: before + tasks,
  });
}

function keyOf(key: CountKey): string {
  return `${key.connector}|${key.state}|${key.assurance ?? ''}|${key.reason ?? ''}`;
}
