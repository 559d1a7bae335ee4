import { DatabaseSync } from 'node:sqlite';
import { numbersIn } from '../../packages/engine/src/ledger/number-ranges.ts';

/** One call that carried a task. */
export interface Submission {
  /** How it ended. */
  readonly result: string;
  /** Why the task was to be sent again; undefined where nothing says so. */
  readonly why: string | undefined;
}

/** What the ledger's own tables say, read past the engine. */
export interface LedgerFacts {
  /** Submissions whose intent is recorded, by connector. */
  readonly submitCalls: ReadonlyMap<string, number>;
  /** Every call that carried a task, in order, by the task's number. */
  readonly submissions: ReadonlyMap<number, readonly Submission[]>;
  /** Calls that were cut off by a kill. */
  readonly interruptedCalls: number;
  /** Whether SQLite finds the file whole. */
  readonly isWhole: boolean;
}

function readSubmissions(database: DatabaseSync): Map<number, Submission[]> {
  const results = new Map(
    database
      .prepare('SELECT id, result FROM calls')
      .all()
      .map((row) => [Number(row.id), String(row.result)]),
  );
  const submissions = new Map<number, Submission[]>();
  const reasons = new Map<number, string | undefined>();
  for (const { text } of database.prepare('SELECT text FROM audit ORDER BY sequence').all()) {
    const entry: { type: string; tasks?: string; to?: string; call?: number; reason?: string } = JSON.parse(
      String(text),
    );
    if (entry.type !== 'moved') continue;
    for (const task of numbersIn(entry.tasks ?? '')) {
      if (entry.to !== 'submitting') {
        reasons.set(task, entry.reason);
        continue;
      }
      const calls = submissions.get(task) ?? [];
      calls.push({ result: results.get(entry.call ?? -1) ?? 'unknown', why: reasons.get(task) });
      submissions.set(task, calls);
    }
  }
  return submissions;
}

/** Reads them from a ledger that nobody works on. */
export function readLedgerFacts(path: string): LedgerFacts {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const calls = database
      .prepare(
        `SELECT connectors.name AS name, count(*) AS calls FROM calls JOIN connectors ON connectors.id = calls.connector
         WHERE kind = 'submit' GROUP BY 1`,
      )
      .all();
    const interrupted = database.prepare(`SELECT count(*) AS calls FROM calls WHERE result = 'interrupted'`).get();
    const integrity = database.prepare('PRAGMA integrity_check').get();
    return {
      submitCalls: new Map(calls.map((row) => [String(row.name), Number(row.calls)])),
      submissions: readSubmissions(database),
      interruptedCalls: Number(interrupted?.calls),
      isWhole: integrity?.integrity_check === 'ok',
    };
  } finally {
    database.close();
  }
}
