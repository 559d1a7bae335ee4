import type { Client } from 'pg';
import { tellsNews } from '../../fleet/job-schema.ts';
import { LedgerError } from '../ledger-error.ts';
import type { Sql, SqlValue } from '../rules/sql.ts';
import type { LedgerPlace } from './connection.ts';
import { databaseErrorOf } from './database-error.ts';
import { close, connect } from './one-connection.ts';
import { eachText, PostgresSql } from './postgres-sql.ts';
import { takeWorkLock, type WorkLock } from './work-lock.ts';

/** A connection that is made anew when it is lost. What speaks through it stays the same. */
export class SteadyConnection implements Sql {
  readonly #place: LedgerPlace;
  readonly #lock: WorkLock;
  #open: { readonly client: Client; readonly sql: Sql } | undefined;

  constructor(place: LedgerPlace, lock: WorkLock) {
    this.#place = place;
    this.#lock = lock;
  }

  /** Connects where there is no connection. */
  async connect(): Promise<void> {
    if (this.#open !== undefined) return;
    const client = await connect(this.#place);
    try {
      await takeWorkLock(client, this.#place, this.#lock);
      // Who works together with others makes the jobs of what it writes, and tells of them then.
      if (this.#lock === 'together') await client.query(`SET ${tellsNews} TO 'on'`);
    } catch (error) {
      await close(client);
      throw error instanceof LedgerError ? error : databaseErrorOf(error);
    }
    this.#open = { client, sql: new PostgresSql(client) };
  }

  /** Ends the connection; the next use makes a new one. */
  async drop(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    if (open !== undefined) await close(open.client);
  }

  /** Runs statements as they are, without values, with one exchange. Gives the rows of the last one that has any. */
  async exec<Row>(text: string): Promise<{ readonly row: Row | undefined; readonly command: string }> {
    try {
      // pg gives a list where there are several statements.
      const answer: unknown = await this.#client().query(text);
      const results = (Array.isArray(answer) ? answer : [answer]) as { rows: Row[]; command: string }[];
      const withRows = results.findLast(({ rows }) => rows.length > 0);
      return { row: withRows?.rows[0], command: results.at(-1)?.command ?? '' };
    } catch (error) {
      throw databaseErrorOf(error);
    }
  }

  /** Runs a statement of others than the rules, with placeholders as PostgreSQL has them. */
  async executeSql(text: string, values: readonly unknown[] = []): Promise<{ rows: unknown[] }> {
    try {
      return await this.#client().query(text, [...values]);
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

  #client(): Client {
    if (this.#open === undefined) throw databaseErrorOf(undefined);
    return this.#open.client;
  }

  #sql(): Sql {
    if (this.#open === undefined) throw databaseErrorOf(undefined);
    return this.#open.sql;
  }
}
