export type { Fleet, FleetOptions, JobKind, QueueReport, QueueState, ReconcileReport } from './fleet/fleet.ts';
export { migrateFleet } from './fleet/migrate-fleet.ts';
export { openFleet } from './fleet/open-fleet.ts';
export { readQueue } from './fleet/read-queue.ts';
export { LedgerError, type LedgerErrorCode } from './ledger/ledger-error.ts';
export type { LedgerPlace } from './ledger/postgres/connection.ts';
export { type CopyProgress, type CopyReport, copyLedger } from './ledger/postgres/copy-ledger.ts';
export { type MigrationReport, migratePostgresLedger } from './ledger/postgres/migrate.ts';
export {
  openPostgresLedger,
  type PostgresLedgerHandle,
  type PostgresLedgerOptions,
} from './ledger/postgres/open-postgres-ledger.ts';
