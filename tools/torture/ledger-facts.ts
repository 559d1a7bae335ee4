import { DatabaseSync } from 'node:sqlite';

/** What the ledger's own tables say, read past the engine. */
export interface LedgerFacts {
  /** Submissions whose intent is recorded, by connector. */
  readonly submitCalls: ReadonlyMap<string, number>;
  /** Calls that were cut off by a kill. */
  readonly interruptedCalls: number;
  /** Whether SQLite finds the file whole. */
  readonly isWhole: boolean;
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
      interruptedCalls: Number(interrupted?.calls),
      isWhole: integrity?.integrity_check === 'ok',
    };
  } finally {
    database.close();
  }
}
