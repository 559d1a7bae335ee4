import { Socket } from 'node:net';
import { Client } from 'pg';
import { connectionConfig, type LedgerPlace, prepareConnection } from './connection.ts';
import { databaseErrorOf } from './database-error.ts';
import { unusableOptions } from './refused-connection.ts';
import { retryTransient } from './retry-transient.ts';

/** How long opening a ledger waits for a database that is about to come back. */
export const openWithinMs = 5000;

// What a client speaks over: a polite end waits for the other side, which may be gone.
const sockets = new WeakMap<Client, Socket>();

/** How long a polite end may take. */
const endWithinMs = 1000;

/** How to connect. */
interface ConnectOptions {
  /** Answers are waited for as long as they take. Default: false. */
  readonly takesLong?: boolean;
}

/**
 * Opens a connection to a ledger. The caller ends it. Throws what {@link databaseErrorOf} makes of an error.
 *
 * @throws LedgerError `url-wrong`
 */
export async function connect(place: LedgerPlace, options: ConnectOptions = {}): Promise<Client> {
  const client = newClient(place, options);
  // Between two statements an error has no statement to go to: the next statement fails, and that one is told. From the very
  // beginning: a server that shuts down may say so in the same breath in which it lets us in.
  client.on('error', () => {});
  try {
    await client.connect();
    await prepareConnection(client, place);
    return client;
  } catch (error) {
    destroy(client);
    throw databaseErrorOf(error);
  }
}

function newClient(place: LedgerPlace, options: ConnectOptions): Client {
  const config = connectionConfig(place, options);
  const socket = new Socket();
  try {
    const client = new Client({ ...config, stream: () => socket });
    sockets.set(client, socket);
    return client;
  } catch (error) {
    throw unusableOptions(error);
  }
}

/** Ends a connection, also one whose other side is gone. */
export async function close(client: Client): Promise<void> {
  const timer = setTimeout(() => destroy(client), endWithinMs);
  await client.end().catch(() => {});
  clearTimeout(timer);
}

/** Ends a connection at once, without a word. The server gives up what was open on it. */
export function destroy(client: Client): void {
  sockets.get(client)?.destroy();
}

/**
 * Runs something on a connection of its own. What may pass is tried again for some seconds.
 *
 * @throws LedgerError
 */
export async function withConnection<Result>(
  place: LedgerPlace,
  work: (client: Client) => Promise<Result>,
  options: ConnectOptions = {},
): Promise<Result> {
  return retryTransient(openWithinMs, async () => {
    const client = await connect(place, options);
    try {
      return await work(client);
    } finally {
      await close(client);
    }
  });
}
