import { Client } from 'pg';
import type { LedgerTables } from './ledger-facts.ts';

/** Reads the tables of a ledger in PostgreSQL that nobody works on. */
export async function readPostgresLedger(url: string): Promise<LedgerTables> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    // Times and workers are for whoever looks into what went wrong.
    const calls = await client.query<{ id: string; connector: string; kind: string; result: string | null }>(
      `SELECT calls.id, connectors.name AS connector, kind, result, started_at, ended_at, worker
       FROM expunge.calls JOIN expunge.connectors ON connectors.id = calls.connector`,
    );
    const audit = await client.query<{ text: string }>('SELECT text FROM expunge.audit ORDER BY sequence');
    return {
      calls: calls.rows.map((call) => ({ ...call, id: Number(call.id), result: String(call.result) })),
      audit: audit.rows.map(({ text }) => text),
    };
  } finally {
    await client.end();
  }
}

/** Cuts all connections to the database but one's own, in the middle of whatever they do. */
export async function cutConnections(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()',
    );
  } finally {
    await client.end();
  }
}
