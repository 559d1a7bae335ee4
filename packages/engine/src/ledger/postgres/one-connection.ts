import { Client } from 'pg';
import { connectionConfig, type LedgerPlace, prepareConnection } from './connection.ts';
import { databaseErrorOf } from './database-error.ts';
import { withPatience } from './patience.ts';
import { unusableOptions } from './refused-connection.ts';

/** How long somebody who opens a ledger waits for a database that is about to come back. */
export const openWithinMs = 5000;

/**
 * Opens a connection to a ledger. The caller ends it. Throws what {@link databaseErrorOf} makes of an error.
 *
 * @throws LedgerError `url-wrong`
 */
export async function connect(place: LedgerPlace): Promise<Client> {
  const client = newClient(place);
  // Between two statements an error has nobody to go to: the next statement fails, and that one is told. From the very
  // beginning: a server that shuts down may say so in the same breath in which it lets us in.
  client.on('error', () => {});
  try {
    await client.connect();
    await prepareConnection(client, place);
    return client;
  } catch (error) {
    await close(client);
    throw databaseErrorOf(error);
  }
}

function newClient(place: LedgerPlace): Client {
  const config = connectionConfig(place);
  try {
    return new Client(config);
  } catch (error) {
    throw unusableOptions(error);
  }
}

/** Ends a connection, also one that is broken. */
export async function close(client: Client): Promise<void> {
  await client.end().catch(() => {});
}

/**
 * Runs something on a connection of its own. What may pass is tried again for some seconds.
 *
 * @throws LedgerError
 */
export async function withConnection<Result>(
  place: LedgerPlace,
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  return withPatience(openWithinMs, async () => {
    const client = await connect(place);
    try {
      return await work(client);
    } finally {
      await close(client);
    }
  });
}
