import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Assurance } from '@expunge/core';
import type { TaskState } from '../../task-state.ts';

/** Where tasks are counted: everything that a summary tells apart. */
export interface CountKey {
  readonly connector: number;
  readonly state: TaskState;
  readonly assurance: Assurance | null;
  readonly reason: string | null;
}

/** One line of the counts. */
export interface CountRow extends CountKey {
  readonly tasks: number;
}

/** How many tasks stand where. Changes of a transaction are written with it, so that the counts never drift. */
export class TaskCounts {
  readonly #add: StatementSync;
  readonly #committed = new Map<string, CountRow>();
  #changed = new Map<string, CountRow>();

  constructor(database: DatabaseSync) {
    this.#add = database.prepare(
      `INSERT INTO task_counts (connector, state, assurance, reason, tasks) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET tasks = tasks + excluded.tasks`,
    );
    for (const row of readCounts(database)) this.#committed.set(keyOf(row), row);
  }

  /** Counts tasks in (or out, with a negative number) within the current transaction. */
  add(key: CountKey, tasks: number): void {
    addTo(this.#changed, key, tasks);
  }

  /** Writes the changes of the current transaction. */
  write(): void {
    for (const row of this.#changed.values()) {
      if (row.tasks !== 0) this.#add.run(row.connector, row.state, row.assurance ?? '', row.reason ?? '', row.tasks);
      addTo(this.#committed, row, row.tasks);
    }
    this.#changed = new Map();
  }

  /** Forgets the changes of a transaction that failed; what was written of them is read again. */
  reset(database: DatabaseSync): void {
    this.#changed = new Map();
    this.#committed.clear();
    for (const row of readCounts(database)) this.#committed.set(keyOf(row), row);
  }

  /** All lines with at least one task. */
  rows(): readonly CountRow[] {
    return [...this.#committed.values()].filter((row) => row.tasks > 0);
  }
}

/** Reads the counts as they are on the disk. */
function readCounts(database: DatabaseSync): readonly CountRow[] {
  return database
    .prepare('SELECT connector, state, assurance, reason, tasks FROM task_counts WHERE tasks > 0')
    .all()
    .map((row) => ({
      connector: Number(row.connector),
      state: row.state as TaskState,
      assurance: row.assurance === '' ? null : (row.assurance as Assurance),
      reason: row.reason === '' ? null : String(row.reason),
      tasks: Number(row.tasks),
    }));
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
