import { toIso } from '../../clock.ts';
import type { AddResult, CutOffImport, ImportPart, PlannedRequest } from '../ledger.ts';
import { addRequests } from './import-requests.ts';
import type { Store } from './store.ts';

/** Takes a part of a list in, within a transaction: with the first part the import begins, with the last it ends. */
export async function importRequests(
  store: Store,
  requests: readonly PlannedRequest[],
  part: ImportPart,
  now: number,
): Promise<{ readonly importId: number; readonly results: readonly AddResult[] }> {
  const importId = part.importId ?? (await startImport(store, part.source, now));
  const results = await addRequests(store, requests, importId, now);
  const taken = results.filter(({ type }) => type !== 'conflict').length;
  await store.run('UPDATE imports SET requests = requests + ?, last_at = ? WHERE id = ?', taken, now, importId);
  if (part.isEnd) await endImport(store, importId, now);
  return { importId, results };
}

async function startImport(store: Store, source: string | undefined, now: number): Promise<number> {
  // Older versions kept the number with the requests alone.
  const inImports = await store.get<{ last: number | null }>('SELECT max(id) AS last FROM imports');
  const inRequests = await store.get<{ last: number | null }>('SELECT max(import_id) AS last FROM requests');
  const importId = 1 + Math.max(inImports?.last ?? 0, inRequests?.last ?? 0);
  await store.run(
    'INSERT INTO imports (id, started_at, last_at, source) VALUES (?, ?, ?, unhex(?))',
    importId,
    now,
    now,
    source === undefined ? null : store.cipher.digest(JSON.stringify(['source', source])),
  );
  return importId;
}

async function endImport(store: Store, importId: number, now: number): Promise<void> {
  await setEnd(store, importId, now, {});
  // What was cut off before is complete when the same source came in to its end, or all that came in with it came in again.
  const completed = await store.all<{ id: number }>(
    `SELECT id FROM imports AS earlier WHERE id < ?1 AND ended_at IS NULL
       AND (source IN (SELECT source FROM imports AS ended WHERE ended.id = ?1)
         OR (requests > 0 AND NOT EXISTS (SELECT 1 FROM requests AS own WHERE own.import_id = earlier.id)))
     ORDER BY id`,
    importId,
  );
  for (const { id } of completed) await setEnd(store, id, now, { completedBy: importId });
}

/**
 * Says of an import that was cut off that the rest of it will not come, within a transaction.
 *
 * @returns Whether it was open.
 */
export function closeImport(store: Store, importId: number, now: number): Promise<boolean> {
  return setEnd(store, importId, now, { isClosed: true });
}

async function setEnd(
  store: Store,
  importId: number,
  now: number,
  how: { readonly completedBy?: number; readonly isClosed?: true },
): Promise<boolean> {
  const row = await store.get<{ requests: number }>(
    'SELECT requests FROM imports WHERE id = ? AND ended_at IS NULL',
    importId,
  );
  if (row === undefined) return false;
  await store.run('UPDATE imports SET ended_at = ? WHERE id = ?', now, importId);
  store.audit.add({ type: 'import-ended', import: importId, requests: row.requests, ...how });
  return true;
}

/** Imports without an end, oldest first. Those of which nothing is known but that they were begun are left out. */
export async function readCutOffImports(store: Store): Promise<readonly CutOffImport[]> {
  const rows = await store.all<{ id: number; started_at: number; last_at: number; requests: number }>(
    `SELECT id, started_at, last_at, requests FROM imports
     WHERE ended_at IS NULL AND (requests > 0 OR source IS NOT NULL) ORDER BY id`,
  );
  return rows.map((row) => ({
    importId: row.id,
    startedAt: toIso(row.started_at),
    lastAt: toIso(row.last_at),
    requests: row.requests,
  }));
}
