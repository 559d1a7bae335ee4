/** Speaks to the database within a transaction of the ledger: what it writes is committed with it, or not at all. */
export interface LedgerTransaction {
  /** Runs a statement with PostgreSQL's own placeholders. */
  executeSql(text: string, values?: readonly unknown[]): Promise<{ rows: unknown[] }>;
}

/** The rows of a query within a transaction of the ledger. `Row` names what it selects: the schema is what makes it true. */
export async function rowsOf<Row>(
  transaction: LedgerTransaction,
  text: string,
  values: readonly unknown[] = [],
): Promise<readonly Row[]> {
  const { rows } = await transaction.executeSql(text, values);
  return rows as readonly Row[];
}
