import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { Sealer } from '../seal.ts';
import { AuditLog } from './audit-log.ts';
import { SealedPages } from './sealed-pages.ts';
import { TaskCounts } from './task-counts.ts';

/** An open database with what everything that reads or writes it needs. */
export class Store {
  readonly database: DatabaseSync;
  readonly counts: TaskCounts;
  readonly audit: AuditLog;
  readonly pages: SealedPages;
  sealer: Sealer;
  readonly #statements = new Map<string, StatementSync>();
  readonly #connectorIds = new Map<string, number>();
  readonly #connectorNames = new Map<number, string>();

  constructor(database: DatabaseSync, sealer: Sealer, now: () => number) {
    this.database = database;
    this.sealer = sealer;
    this.counts = new TaskCounts(database);
    this.audit = new AuditLog(this, now);
    this.pages = new SealedPages(this);
    this.readConnectors();
  }

  /** Ends one step of a transaction. */
  endStep(): void {
    this.audit.endStep();
  }

  /** Ends a transaction's work, just before its commit. */
  beforeCommit(): void {
    this.counts.write();
  }

  /** Forgets what a transaction did that failed. */
  afterRollback(): void {
    this.counts.reset(this.database);
    this.audit.reset();
    this.pages.reset();
  }

  /** A prepared statement, prepared once. */
  sql(text: string): StatementSync {
    return this.sqlFor(text, () => text);
  }

  /** A prepared statement that is known by a name, for a text that is long to make. */
  sqlFor(name: string, textOf: () => string): StatementSync {
    const known = this.#statements.get(name);
    if (known !== undefined) return known;
    const statement = this.database.prepare(textOf());
    this.#statements.set(name, statement);
    return statement;
  }

  /** All rows of a query. `Row` names the columns that the query selects: the schema beside this file is what makes it true. */
  all<Row>(text: string, ...values: SQLInputValue[]): Row[] {
    return this.sql(text).all(...values) as Row[];
  }

  /** The first row of a query. */
  get<Row>(text: string, ...values: SQLInputValue[]): Row | undefined {
    return this.sql(text).get(...values) as Row | undefined;
  }

  /** Reads the names and numbers of the connectors again. */
  readConnectors(): void {
    for (const row of this.sql('SELECT id, name FROM connectors').all()) {
      this.#connectorIds.set(String(row.name), Number(row.id));
      this.#connectorNames.set(Number(row.id), String(row.name));
    }
  }

  /** The number of a connector. */
  connectorId(name: string): number {
    const id = this.#connectorIds.get(name);
    if (id === undefined) throw new Error(`The ledger does not know the connector ${name}.`);
    return id;
  }

  /** The name of a connector. */
  connectorName(id: number): string {
    return this.#connectorNames.get(id) ?? `#${id}`;
  }

  /** All connectors, in order of first use. */
  connectors(): readonly { readonly id: number; readonly name: string }[] {
    return [...this.#connectorNames].map(([id, name]) => ({ id, name })).sort((a, b) => a.id - b.id);
  }
}
