import { LedgerError } from '../ledger-error.ts';

// SQLite's primary result codes (https://www.sqlite.org/rescode.html).
const busy = 5;
const locked = 6;
const readOnly = 8;
const ioError = 10;
const corrupt = 11;
const full = 13;
const cannotOpen = 14;
const notADatabase = 26;

function notWritable(path: string): LedgerError {
  return new LedgerError(
    'not-writable',
    `The ledger ${path} can't be opened or written. Check the folder, its permissions and whether the disk is read-only.`,
  );
}

/** Turns what SQLite threw into what it means for a ledger. Anything else is passed on as it is. */
export function ledgerErrorOf(error: unknown, path: string): unknown {
  if (
    error instanceof Error &&
    'code' in error &&
    ['ENOENT', 'EACCES', 'EROFS', 'EPERM'].includes(String(error.code))
  ) {
    return notWritable(path);
  }
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return error;
  switch (error.errcode & 0xff) {
    case busy:
    case locked:
      return new LedgerError('in-use', `The ledger ${path} is in use by another process. Wait for it, or end it.`);
    case readOnly:
    case cannotOpen:
      return notWritable(path);
    case full:
      return new LedgerError(
        'disk-full',
        `The disk of the ledger ${path} is full. Nothing was lost: make room and run 'expunge resume'.`,
      );
    case corrupt:
    case notADatabase:
      return new LedgerError(
        'damaged',
        `The file ${path} is damaged or is no ledger. Keep it, restore the last backup beside it, and run 'expunge resume'.`,
      );
    case ioError:
      return new LedgerError(
        'not-writable',
        `The disk of the ledger ${path} reported an error. Nothing was half done: check the disk and run 'expunge resume'.`,
      );
    default:
      return error;
  }
}
