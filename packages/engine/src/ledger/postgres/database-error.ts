import { DatabaseError } from 'pg';
import { LedgerError } from '../ledger-error.ts';

/** Errors of Node's sockets, and those of `pg` about a connection, say nothing that may be shown: they name hosts. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
  /** Node's or OpenSSL's short code (`ECONNREFUSED`), where there is one. */
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
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  return new ConnectionLost(code !== undefined && /^[A-Z][A-Z0-9_]*$/.test(code) ? code : undefined);
}

// A deadlock, a conflict, a lock that took too long, a server that is shutting down or starting, that has no place left
// for a connection, or that has ended a transaction which did nothing for too long.
const passing = ['40001', '40P01', '55P03', '57P01', '57P02', '57P03', '57P05', '57014', '53300', '25P03', '25P04'];

/** Whether the same may go well in a moment. */
export function mayPass(error: unknown): boolean {
  if (error instanceof ConnectionLost) return true;
  return error instanceof StatementFailed && (passing.includes(error.sqlState) || error.sqlState.startsWith('08'));
}

/** What an error of the database means for the ledger. Anything else is passed on as it is. */
export function ledgerErrorOf(error: unknown): unknown {
  if (error instanceof ConnectionLost || (mayPass(error) && error instanceof StatementFailed)) {
    const code = error instanceof ConnectionLost ? error.code : `SQLSTATE ${error.sqlState}`;
    return new LedgerError(
      'unreachable',
      `The ledger's database can't be reached${code === undefined ? '' : ` (${code})`}. Nothing was half done: see whether PostgreSQL runs and takes connections from here, and try again.`,
    );
  }
  if (!(error instanceof StatementFailed)) return error;
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

/** What pg-boss threw over a connection of its own, as an error that can be shown. What is none of the database's is passed on. */
export function queueErrorOf(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof LedgerError) return error;
  const code = 'code' in error ? String(error.code) : '';
  // Its `pg` may be another copy than ours: an error of the server is known by its code.
  if (/^[0-9][0-9A-Z]{4}$|^XX00\d$/.test(code)) return ledgerErrorOf(new StatementFailed(code, undefined));
  const isOfConnection = /^E[A-Z_]+$/.test(code) || /^Connection terminated|timeout exceeded when/.test(error.message);
  return isOfConnection ? ledgerErrorOf(databaseErrorOf(error)) : ledgerErrorOf(error);
}
