import type { Client } from 'pg';

/** The number that PostgreSQL gives the next transaction that writes: all before it have a smaller one. */
export async function transactionsSoFar(client: Client): Promise<string> {
  const { rows } = await client.query<{ next: string }>(
    'SELECT CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text) AS next',
  );
  return rows[0]?.next ?? '0';
}

// Who writes counts in all databases: a transaction of one database looks at others by what runs in all of them. Who only
// looks counts in its own. A standby that tells what it looks at keeps dead rows in all databases, by its connection or its slot.
// A VACUUM looks at no row that another one may remove.
const query = `
  SELECT pg_snapshot_xmin(pg_current_snapshot()) < so_far.full_number
    OR EXISTS (
      SELECT 1 FROM pg_stat_activity
      WHERE pid <> pg_backend_pid() AND (datname = current_database() OR backend_type = 'walsender')
        AND age(backend_xmin) > age(so_far.number) AND pid NOT IN (SELECT pid FROM pg_stat_progress_vacuum))
    OR EXISTS (SELECT 1 FROM pg_replication_slots WHERE age(xmin) > age(so_far.number)) AS "isSo"
  FROM (SELECT CAST(CAST($1 AS text) AS xid8) AS full_number, CAST(CAST(CAST($1 AS text) AS xid8) AS xid) AS number) AS so_far`;

/**
 * Whether a transaction is still at work that may look at rows that were deleted before `soFar`. What users other than this
 * connection's only read is not seen, unless it may look into everybody's (`pg_read_all_stats`).
 */
export async function oldTransactionsRun(client: Client, soFar: string): Promise<boolean> {
  const { rows } = await client.query<{ isSo: boolean }>(query, [soFar]);
  return rows[0]?.isSo === true;
}
