export { LedgerError, type LedgerErrorCode } from './ledger/ledger-error.ts';
export {
  openSqliteLedger,
  type SqliteLedgerHandle,
  type SqliteLedgerOptions,
} from './ledger/sqlite/open-sqlite-ledger.ts';
