import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Sql, SqlValue } from '../store/sql.ts';

const returningId = ' RETURNING id';

/** How long statements keep everything else in this thread waiting, in milliseconds: answers of vendors come in meanwhile. */
const longestTurnMs = 1;

/** SQLite as the queries speak to it. It answers at once; now and then others have a turn first. */
export class SqliteSql implements Sql {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #turnBeganAt = 0;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  async all<Row>(text: string, ...values: SqlValue[]): Promise<Row[]> {
    if (this.#isTurnOver()) await this.#takeTurn();
    return this.#prepared(text).all(...values) as Row[];
  }

  async get<Row>(text: string, ...values: SqlValue[]): Promise<Row | undefined> {
    if (this.#isTurnOver()) await this.#takeTurn();
    // For RETURNING SQLite makes a table of its own each time, which costs as much as the row; the number is at hand.
    if (text.endsWith(returningId)) {
      const { changes, lastInsertRowid } = this.#prepared(text.slice(0, -returningId.length)).run(...values);
      return changes === 0 ? undefined : ({ id: Number(lastInsertRowid) } as Row);
    }
    return this.#prepared(text).get(...values) as Row | undefined;
  }

  async run(text: string, ...values: SqlValue[]): Promise<{ readonly changes: number }> {
    if (this.#isTurnOver()) await this.#takeTurn();
    return { changes: Number(this.#prepared(text).run(...values).changes) };
  }

  eachText(placeholder: string): string {
    return `json_each(${placeholder})`;
  }

  #isTurnOver(): boolean {
    return performance.now() - this.#turnBeganAt > longestTurnMs;
  }

  async #takeTurn(): Promise<void> {
    await nextTurn();
    this.#turnBeganAt = performance.now();
  }

  #prepared(text: string): StatementSync {
    const known = this.#statements.get(text);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(text);
    this.#statements.set(text, statement);
    return statement;
  }
}
