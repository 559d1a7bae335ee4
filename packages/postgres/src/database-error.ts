import { LedgerError } from '@expunge/engine';
import { DatabaseError } from 'pg';
import { refusedConnection, spokenCodes } from './refused-connection.ts';

/** Errors of Node's sockets, and those of `pg` about a connection, say nothing that may be shown: they name hosts. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
  /** Node's or OpenSSL's short code (`ECONNREFUSED`), or one of ours, where there is one. */
  readonly code: string | undefined;

  constructor(code: string | undefined) {
    super(`The connection to the ledger's database was lost${code === undefined ? '' : ` (${code})`}.`);
    this.code = code;
  }
}

/** What PostgreSQL said, without what it said it about: its messages and details quote values. */
export class StatementFailed extends Error {
  override readonly name = 'StatementFailed';
  /** PostgreSQL's code (https://www.postgresql.org/docs/current/errcodes-appendix.html). */
  readonly sqlState: string;

  constructor(sqlState: string, table: string | undefined) {
    const where = table === undefined ? '' : ` on the table ${table}`;
    super(`PostgreSQL refused a statement of the ledger${where} (SQLSTATE ${sqlState}).`);
    this.sqlState = sqlState;
  }
}

/** What `pg` threw, as an error that can be shown. */
export function databaseErrorOf(error: unknown): ConnectionLost | StatementFailed {
  if (error instanceof ConnectionLost || error instanceof StatementFailed) return error;
  // Without a code it is no answer of PostgreSQL's.
  if (error instanceof DatabaseError && error.code !== undefined) return new StatementFailed(error.code, error.table);
  if (!(error instanceof Error)) return new ConnectionLost(undefined);
  const spoken = spokenCodes.find(([words]) => words.test(error.message))?.[1];
  const code = spoken ?? ('code' in error ? String(error.code) : '');
  return new ConnectionLost(/^[A-Z][A-Z0-9_]*$/.test(code) ? code : undefined);
}

// A statement that was prepared before a migration (0A000), a deadlock, a conflict, a lock that took too long, a server that is shutting down or starting, that has no place left
// for a connection, or that has ended a transaction which did nothing for too long.
const passing = [
  '0A000',
  '40001',
  '40P01',
  '55P03',
  '57P01',
  '57P02',
  '57P03',
  '57P05',
  '57014',
  '53300',
  '25P03',
  '25P04',
];

// Of these: those that others on the same server make.
const busy = ['0A000', '40001', '40P01', '55P03', '57014'];

/** Whether the same may go well in a moment. */
export function mayPass(error: unknown): boolean {
  if (error instanceof ConnectionLost) return refusedConnection(error.code) === undefined;
  return error instanceof StatementFailed && (passing.includes(error.sqlState) || error.sqlState.startsWith('08'));
}

/** What an error of the database means for the ledger. Anything else is passed on as it is. */
export function ledgerErrorOf(error: unknown): unknown {
  if (error instanceof ConnectionLost) return refusedConnection(error.code) ?? unreachable(error.code);
  if (!(error instanceof StatementFailed)) return error;
  if (mayPass(error)) return awayOrBusy(error.sqlState);
  switch (error.sqlState) {
    case '28000':
    case '28P01':
      return new LedgerError(
        'access-refused',
        "PostgreSQL does not let this user in. Check user and password in the ledger's URL, and the server's pg_hba.conf.",
      );
    case '42501':
      return new LedgerError(
        'access-refused',
        "The user in the ledger's URL lacks a right in its database. To read, it needs USAGE on the ledger's schema and SELECT on its tables; to work, INSERT, UPDATE and DELETE as well; to migrate, it has to own them.",
      );
    // To a user without USAGE, a schema's tables are not there.
    case '42P01':
    case '3F000':
      return new LedgerError(
        'access-refused',
        `The user in the ledger's URL does not see the ledger's tables (SQLSTATE ${error.sqlState}): it lacks USAGE on their schema, or the schema is gone.`,
      );
    case '3D000':
      return new LedgerError('not-found', "There is no database of the name in the ledger's URL. Make it first.");
    case '25006':
      return new LedgerError(
        'not-writable',
        "The ledger's database takes no writes: it is a standby or set to read-only. Point the ledger's URL at the primary.",
      );
    case '53100':
      return new LedgerError(
        'disk-full',
        "The disk of the ledger's database is full. Nothing was lost: make room and go on.",
      );
    case 'XX001':
    case 'XX002':
      return new LedgerError(
        'damaged',
        "PostgreSQL found damage in the ledger's tables. Keep the database, restore the last backup beside it, and go on there.",
      );
    default:
      return error;
  }
}

function unreachable(code: string | undefined): LedgerError {
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return new LedgerError(
      'unreachable',
      `The host in the ledger's URL is not known here (${code}). Check its name in the URL, and this machine's DNS. Nothing was half done.`,
    );
  }
  return new LedgerError(
    'unreachable',
    `The ledger's database can't be reached${code === undefined ? '' : ` (${code})`}. Nothing was half done: see whether PostgreSQL runs and takes connections from here, and try again.`,
  );
}

function awayOrBusy(sqlState: string): LedgerError {
  if (sqlState === '53300') {
    return new LedgerError(
      'unreachable',
      `The ledger's database has no connection left for this process (SQLSTATE ${sqlState}). Nothing was half done: raise max_connections, or run fewer workers.`,
    );
  }
  if (busy.includes(sqlState)) {
    return new LedgerError(
      'unreachable',
      `The ledger's database runs, and was busy for too long (SQLSTATE ${sqlState}): a migration, a change of keys or the lock of another program was in the way. Nothing was half done: try again.`,
    );
  }
  return unreachable(`SQLSTATE ${sqlState}`);
}

/** What pg-boss threw over a connection of its own, as an error that can be shown. What is none of the database's is passed on. */
export function queueErrorOf(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof LedgerError) return error;
  const code = 'code' in error ? String(error.code) : '';
  // Its `pg` may be another copy than ours: an error of the server is known by its code.
  if (/^[0-9][0-9A-Z]{4}$|^XX00\d$/.test(code)) return ledgerErrorOf(new StatementFailed(code, undefined));
  const isOfConnection =
    /^E[A-Z_]+$/.test(code) ||
    refusedConnection(code) !== undefined ||
    /^Connection terminated|timeout exceeded when|^Query read timeout$/.test(error.message);
  return isOfConnection ? ledgerErrorOf(databaseErrorOf(error)) : ledgerErrorOf(error);
}
