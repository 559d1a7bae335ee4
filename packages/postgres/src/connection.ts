import { LedgerError } from '@expunge/engine';
import { type Client, type ClientConfig, types as defaultTypes, escapeIdentifier, type QueryConfig } from 'pg';

/** Where a ledger in PostgreSQL is. */
export interface LedgerPlace {
  /** `postgres://user:password@host:5432/database`, with `?sslmode=verify-full` where the server is not on this machine. Never shown. */
  readonly url: string;
  /** The schema in that database. Default: `expunge`. */
  readonly schema?: string | undefined;
}

/** How long a new connection may take. */
const connectWithinMs = 5000;

// A connection on which nothing is said for so long is asked whether it is still there: a firewall forgets it, a machine loses
// its power, and no packet says so. Then ten times, a second apart (libuv).
const keepAliveAfterMs = 10_000;

/** How long an answer is waited for for a question that takes no long work. Longer than for a lock. */
const answerWithinMs = 30_000;

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

/** What finds out that the other side is gone. */
export const aliveness = { keepAlive: true, keepAliveInitialDelayMillis: keepAliveAfterMs } as const;

/** How `pg` connects to a ledger. `takesLong`: answers are waited for as long as they take. */
export function connectionConfig(place: LedgerPlace, { takesLong = false } = {}): ClientConfig {
  return {
    connectionString: checkedUrl(place.url),
    application_name: 'expunge',
    connectionTimeoutMillis: connectWithinMs,
    ...aliveness,
    ...(takesLong ? {} : { query_timeout: answerWithinMs }),
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
export async function prepareConnection(client: Client, place: LedgerPlace): Promise<void> {
  const settings = Object.entries({ ...sessionSettings, search_path: escapeIdentifier(schemaOf(place)) });
  const text = settings
    .map(([name, value]) => `SET ${name} TO ${name === 'search_path' ? value : `'${value}'`}`)
    .join('; ');
  const config: QueryConfig & { readonly query_timeout: number } = { text, query_timeout: answerWithinMs };
  await client.query(config);
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
