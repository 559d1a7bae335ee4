import type { Cipher } from '../../crypto/cipher.ts';
import type { LedgerSecret } from '../../crypto/ledger-key.ts';
import type { ConnectorRow } from '../rows.ts';
import { AuditLog } from './audit-log.ts';
import { EncryptedPages } from './encrypted-pages.ts';
import { Guards } from './guards.ts';
import type { Sql, SqlValue } from './sql.ts';
import { TaskCounts } from './task-counts.ts';

/** What a store is opened with. */
export interface StoreOptions {
  readonly cipher: Cipher;
  readonly secret: LedgerSecret;
  /** The time of what is written into the audit log. */
  readonly now: () => number;
}

/** A connection to the ledger's database, with what everything that reads or writes it needs. */
export class Store implements Sql {
  readonly counts = new TaskCounts();
  readonly audit: AuditLog;
  readonly pages: EncryptedPages;
  readonly guards = new Guards();
  cipher: Cipher;
  readonly #sql: Sql;
  #connectorIds: ReadonlyMap<string, number> = new Map();
  #connectors: ReadonlyMap<number, ConnectorRow> = new Map();

  private constructor(sql: Sql, { cipher, secret, now }: StoreOptions) {
    this.#sql = sql;
    this.cipher = cipher;
    this.audit = new AuditLog(now, secret);
    this.pages = new EncryptedPages(this);
  }

  /** Opens a ledger's database. */
  static async open(sql: Sql, options: StoreOptions): Promise<Store> {
    const store = new Store(sql, options);
    await store.readAnew();
    return store;
  }

  /** Reads everything again that is kept in memory and that another process may have changed. Not in the middle of a transaction's work. */
  async readAnew(): Promise<void> {
    this.pages.discard();
    await this.readConnectors();
    await this.guards.read(this);
    await this.counts.read(this);
    await this.audit.read(this);
  }

  /** Ends one step of a transaction. */
  endStep(): void {
    this.audit.endStep();
  }

  /** Ends a transaction's work, just before its commit. */
  async beforeCommit(): Promise<void> {
    await this.audit.write(this);
    await this.counts.write(this);
  }

  /** Takes what a transaction has counted for true, now that it is committed. */
  afterCommit(): void {
    this.counts.afterCommit();
  }

  /** Forgets what a transaction did that failed. Where nothing can be read now, what is kept in memory has to be read anew later. */
  discard(): void {
    this.audit.discard();
    this.counts.discard();
    this.pages.discard();
  }

  /** Forgets what a transaction did that failed, and reads what is true. */
  async afterRollback(): Promise<void> {
    this.discard();
    await this.readAnew();
  }

  all<Row>(text: string, ...values: SqlValue[]): Promise<Row[]> {
    return this.#sql.all<Row>(text, ...values);
  }

  get<Row>(text: string, ...values: SqlValue[]): Promise<Row | undefined> {
    return this.#sql.get<Row>(text, ...values);
  }

  run(text: string, ...values: SqlValue[]): Promise<{ readonly changes: number }> {
    return this.#sql.run(text, ...values);
  }

  eachText(placeholder: string): string {
    return this.#sql.eachText(placeholder);
  }

  /** Whether a query has any row. */
  async has(text: string, ...values: SqlValue[]): Promise<boolean> {
    return (await this.#sql.get(text, ...values)) !== undefined;
  }

  /** Reads the names and numbers of the connectors again. */
  async readConnectors(): Promise<void> {
    const rows = await this.all<ConnectorRow>('SELECT id, name, vendor, operation FROM connectors');
    this.#connectorIds = new Map(rows.map(({ id, name }) => [name, id]));
    this.#connectors = new Map(rows.map((row) => [row.id, row]));
  }

  /** The number of a connector. */
  connectorId(name: string): number {
    const id = this.#connectorIds.get(name);
    if (id === undefined) throw new Error(`The ledger does not know the connector ${name}.`);
    return id;
  }

  /** The name of a connector. */
  connectorName(id: number): string {
    return this.#connectors.get(id)?.name ?? `#${id}`;
  }

  /** The row of a connector; undefined: there is none. */
  connector(id: number): ConnectorRow | undefined {
    return this.#connectors.get(id);
  }

  /** All connectors, in order of first use. */
  connectors(): readonly ConnectorRow[] {
    return [...this.#connectors.values()].sort((a, b) => a.id - b.id);
  }
}
