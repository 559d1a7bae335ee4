export { LedgerError, type LedgerErrorCode } from '@expunge/engine';
export type { LedgerPlace } from './connection.ts';
export { type CopyProgress, type CopyReport, copyLedger } from './copy/copy-ledger.ts';
export type { Fleet, FleetOptions, JobKind, QueueReport, QueueState, ReconcileReport } from './fleet/fleet.ts';
export { migrateFleet } from './fleet/migrate-fleet.ts';
export { openFleet } from './fleet/open-fleet.ts';
export { readQueue } from './fleet/queue-report.ts';
export { type MigrationReport, migratePostgresLedger } from './migrate.ts';
export {
  openPostgresLedger,
  type PostgresLedgerHandle,
  type PostgresLedgerOptions,
} from './open-postgres-ledger.ts';
