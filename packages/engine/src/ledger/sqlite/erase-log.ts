import type { DatabaseSync } from 'node:sqlite';

/**
 * Brings the write-ahead log into the file, whose overwritten pages it still hides, and empties it. False where another process
 * else is reading an older state of the file: then both still hold what they held.
 */
export function eraseLog(database: DatabaseSync): boolean {
  // Readers that are in the middle of something get a moment to end; whoever waits here waits for all calls in flight.
  database.exec('PRAGMA busy_timeout = 500');
  const end = database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();
  database.exec('PRAGMA busy_timeout = 5000');
  return end?.busy === 0;
}
