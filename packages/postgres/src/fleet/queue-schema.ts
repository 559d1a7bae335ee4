import { type LedgerPlace, schemaOf } from '../connection.ts';
import { withConnection } from '../one-connection.ts';

/** The schema of the queue that hands out the work on a ledger. */
export function queueSchemaOf(place: LedgerPlace): string {
  return `${schemaOf(place)}_queue`;
}

/** Whether there is such a schema: one that somebody else has made for us needs no right to make one. */
export function hasQueueSchema(place: LedgerPlace): Promise<boolean> {
  return withConnection(place, async (client) => {
    const { rowCount } = await client.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [queueSchemaOf(place)]);
    return rowCount === 1;
  });
}
