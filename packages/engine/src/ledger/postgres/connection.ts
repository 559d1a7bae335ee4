import { type Client, type ClientConfig, types as defaultTypes, escapeIdentifier } from 'pg';
import { LedgerError } from '../ledger-error.ts';

/** Where a ledger in PostgreSQL is. */
export interface LedgerPlace {
  /** `postgres://user:password@host:5432/database`, with `?sslmode=verify-full` where the server is not on this machine. Never shown. */
  readonly url: string;
  /** The schema in that database. Default: `expunge`. */
  readonly schema?: string | undefined;
}

/** How long a new connection may take. */
const connectWithinMs = 5000;

/** How long a lock is waited for. */
export const lockTimeout = '20s';

// A row that one transaction has locked is waited for; one whose process has gone to sleep gives it up.
const sessionSettings = {
  lock_timeout: lockTimeout,
  idle_in_transaction_session_timeout: '10s',
  statement_timeout: '0',
  // Whatever the server's defaults are.
  default_transaction_isolation: 'read committed',
  synchronous_commit: 'on',
  timezone: 'UTC',
} as const;

// PostgreSQL's numbers of its types: int8, numeric (a sum of int8).
const wholeNumbers: readonly number[] = [20, 1700];

/** How `pg` connects to a ledger. */
export function connectionConfig(place: LedgerPlace): ClientConfig {
  return {
    connectionString: checkedUrl(place.url),
    application_name: 'expunge',
    connectionTimeoutMillis: connectWithinMs,
    keepAlive: true,
    types: {
      getTypeParser: (type: number, format?: 'text' | 'binary') => {
        // Milliseconds since 1970, numbers of rows and counts: all far below 2^53.
        if (wholeNumbers.includes(type)) return Number;
        return defaultTypes.getTypeParser(type, format);
      },
    },
  };
}

/** Prepares a connection that was just made: what is set holds until it ends. */
export async function prepareConnection(client: Pick<Client, 'query'>, place: LedgerPlace): Promise<void> {
  const settings = Object.entries({ ...sessionSettings, search_path: escapeIdentifier(schemaOf(place)) });
  await client.query(
    settings.map(([name, value]) => `SET ${name} TO ${name === 'search_path' ? value : `'${value}'`}`).join('; '),
  );
}

/** The schema of a ledger. */
export function schemaOf(place: LedgerPlace): string {
  return place.schema ?? 'expunge';
}

function checkedUrl(url: string): string {
  if (/^postgres(ql)?:\/\//.test(url) && URL.canParse(url)) return url;
  // Without the URL: it may hold a password.
  throw new LedgerError(
    'url-wrong',
    "The ledger's URL is none of PostgreSQL. It looks like postgres://user@host:5432/database; what is special in a password is written as in any URL (%40 for @).",
  );
}
