import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Sql, SqlValue } from '../rules/sql.ts';

const returningId = ' RETURNING id';

/** SQLite as the rules speak to it. It answers at once; the promises are already kept. */
export class SqliteSql implements Sql {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  async all<Row>(text: string, ...values: SqlValue[]): Promise<Row[]> {
    return this.#prepared(text).all(...values) as Row[];
  }

  async get<Row>(text: string, ...values: SqlValue[]): Promise<Row | undefined> {
    // For RETURNING SQLite makes a table of its own each time, which costs as much as the row; the number is at hand.
    if (text.endsWith(returningId)) {
      const { changes, lastInsertRowid } = this.#prepared(text.slice(0, -returningId.length)).run(...values);
      return changes === 0 ? undefined : ({ id: Number(lastInsertRowid) } as Row);
    }
    return this.#prepared(text).get(...values) as Row | undefined;
  }

  async run(text: string, ...values: SqlValue[]): Promise<{ readonly changes: number }> {
    return { changes: Number(this.#prepared(text).run(...values).changes) };
  }

  eachText(placeholder: string): string {
    return `json_each(${placeholder})`;
  }

  #prepared(text: string): StatementSync {
    const known = this.#statements.get(text);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(text);
    this.#statements.set(text, statement);
    return statement;
  }
}
