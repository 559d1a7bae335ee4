import { LedgerError } from '@expunge/engine';
import type { Sql, SqlValue } from '@expunge/engine/storage';
import type { Client } from 'pg';
import type { LedgerPlace } from './connection.ts';
import { databaseErrorOf } from './database-error.ts';
import { tellsNotifications } from './job-schema.ts';
import { close, connect, destroy } from './one-connection.ts';
import { type Answer, eachText, PostgresSql } from './postgres-sql.ts';
import { answerOf, isBackendAtWork } from './silent-connection.ts';
import { takeWorkLock, type WorkLock } from './work-lock.ts';

/** A connection that is made anew when it is lost. What speaks through it stays the same. */
export class ReconnectingClient implements Sql {
  readonly #place: LedgerPlace;
  readonly #lock: WorkLock;
  readonly #silentForMs: number;
  #open: { readonly client: Client; readonly sql: Sql; readonly answer: Answer } | undefined;

  /** `silentForMs`: after how long without an answer it is asked whether the server is still at work on it. */
  constructor(place: LedgerPlace, lock: WorkLock, silentForMs: number) {
    this.#place = place;
    this.#lock = lock;
    this.#silentForMs = silentForMs;
  }

  /** Connects where there is no connection. */
  async connect(): Promise<void> {
    if (this.#open !== undefined) return;
    const client = await connect(this.#place, { takesLong: true });
    let backend: number | undefined;
    const isAtWork = async () => backend !== undefined && (await isBackendAtWork(this.#place, backend));
    try {
      const prepared = async () => {
        const { rows } = await client.query<{ backend: number }>('SELECT pg_backend_pid() AS backend');
        backend = rows[0]?.backend;
        await takeWorkLock(client, this.#place, this.#lock);
        // Who works together with others makes the jobs of what it writes, and tells of them then.
        if (this.#lock === 'together') await client.query(`SET ${tellsNotifications} TO 'on'`);
      };
      await answerOf(prepared(), this.#silentForMs, isAtWork);
    } catch (error) {
      destroy(client);
      throw error instanceof LedgerError ? error : databaseErrorOf(error);
    }
    const answer = <Result>(statement: Promise<Result>) => answerOf(statement, this.#silentForMs, isAtWork);
    this.#open = { client, sql: new PostgresSql(client, answer), answer };
  }

  /** Ends the connection at once: it is broken, or in an unknown state. The next use makes a new one. */
  drop(): void {
    if (this.#open !== undefined) destroy(this.#open.client);
    this.#open = undefined;
  }

  /** Ends the connection, politely where the other side is there. */
  async close(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    if (open !== undefined) await close(open.client);
  }

  /** Runs statements as they are, without values, with one exchange. Gives the rows of the last one that has any. */
  async exec<Row>(text: string): Promise<{ readonly row: Row | undefined; readonly command: string }> {
    try {
      // pg gives a list where there are several statements.
      const { client, answer: answerTo } = this.#opened();
      const answer: unknown = await answerTo(client.query(text));
      const results = (Array.isArray(answer) ? answer : [answer]) as { rows: Row[]; command: string }[];
      const withRows = results.findLast(({ rows }) => rows.length > 0);
      return { row: withRows?.rows[0], command: results.at(-1)?.command ?? '' };
    } catch (error) {
      throw databaseErrorOf(error);
    }
  }

  /** Runs a statement that is none of the ledger's queries, with placeholders as PostgreSQL has them. */
  async executeSql(text: string, values: readonly unknown[] = []): Promise<{ rows: unknown[] }> {
    try {
      const { client, answer } = this.#opened();
      return await answer(client.query(text, [...values]));
    } catch (error) {
      throw databaseErrorOf(error);
    }
  }

  async all<Row>(text: string, ...values: SqlValue[]): Promise<Row[]> {
    return this.#sql().all<Row>(text, ...values);
  }

  async get<Row>(text: string, ...values: SqlValue[]): Promise<Row | undefined> {
    return this.#sql().get<Row>(text, ...values);
  }

  async run(text: string, ...values: SqlValue[]): Promise<{ readonly changes: number }> {
    return this.#sql().run(text, ...values);
  }

  eachText(placeholder: string): string {
    return eachText(placeholder);
  }

  #opened() {
    if (this.#open === undefined) throw databaseErrorOf(undefined);
    return this.#open;
  }

  #sql(): Sql {
    return this.#opened().sql;
  }
}
