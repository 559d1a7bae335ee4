import type { SqlValue } from './rules/sql.ts';

/**
 * The tables of a ledger, in the order in which one may refer to another, and what numbers their rows. Both homes have
 * them with the same columns and contents; tables without a number are small.
 */
export const ledgerTables = {
  meta: undefined,
  connectors: 'id',
  connector_order: undefined,
  sealed_pages: 'id',
  requests: 'id',
  tasks: 'id',
  calls: 'id',
  submissions: 'id',
  holds: 'id',
  held_requests: undefined,
  audit: 'sequence',
  task_counts: undefined,
} as const;

/** One of them. */
export type LedgerTable = keyof typeof ledgerTables;

/** A row, by column. Sealed as it lies there. */
export type LedgerTableRow = Readonly<Record<string, SqlValue>>;
