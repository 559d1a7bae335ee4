import type { LedgerTransaction } from '../ledger/postgres/postgres-home.ts';

/** The rows of a query within a transaction of the ledger. `Row` names what it selects: the schema is what makes it true. */
export async function rowsOf<Row>(
  transaction: LedgerTransaction,
  text: string,
  values: readonly unknown[] = [],
): Promise<readonly Row[]> {
  const { rows } = await transaction.executeSql(text, values);
  return rows as readonly Row[];
}
