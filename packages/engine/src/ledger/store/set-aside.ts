import { storeTransitions } from '../../tasks/store-transitions.ts';
import { inSql } from '../../tasks/task-state.ts';
import { statesBefore } from '../../tasks/transitions.ts';
import type { PageKind, StoredRequest, TaskToSetAside } from '../rows.ts';
import type { StorageAdapter } from '../storage-adapter.ts';
import { PageDamagedError } from './encrypted-pages.ts';
import type { Store } from './store.ts';
import { changeTasks } from './task-writer.ts';

/**
 * Does a piece of work that opens encrypted pages. Where one is damaged, those on it are set aside, and the work is done again for
 * the others.
 */
export async function settingAside<Result>(
  storage: Pick<StorageAdapter, 'write' | 'clock'>,
  work: () => Promise<Result>,
): Promise<Result> {
  const aside = new Set<number>();
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof PageDamagedError) || aside.has(error.page)) throw error;
      aside.add(error.page);
      await storage.write((store) => setAside(store, error.page, storage.clock.now()));
    }
  }
}

/**
 * Sets aside what can't be worked on because a page is damaged: the tasks on it, or those of the requests on it, of whom nobody
 * can tell whether they are on hold. What a vendor is at work on goes on.
 */
export async function setAside(store: Store, page: number, now: number): Promise<void> {
  const requests: number[] = [];
  const onPage = await store.all<Pick<StoredRequest, 'id' | 'request_id'>>(
    'SELECT id, request_id FROM requests WHERE page = ? ORDER BY id',
    page,
  );
  for (const { id, request_id: boundTo } of onPage) {
    if (!(await canRead(store, 'requests', page, id, boundTo))) requests.push(id);
  }
  const tasks = await store.all<TaskToSetAside>(
    `SELECT id, connector, state, lower(hex(digest)) AS digest FROM tasks WHERE page = ? ${settable} ORDER BY id`,
    page,
  );
  const ids = new Set<number>();
  for (const { id, connector, digest } of tasks) {
    if (!(await canRead(store, `tasks/${connector}`, page, id, digest))) ids.add(id);
  }
  for (const request of requests) {
    const own = await store.all<Pick<TaskToSetAside, 'id'>>(
      `SELECT id FROM tasks WHERE request = ? ${settable}`,
      request,
    );
    for (const { id } of own) ids.add(id);
  }
  await changeTasks(store, [...ids], storeTransitions.pageDamaged(messageOf(page)), now);
}

/** The requests that are set aside because of a damaged page, the first of them, and how many tasks that are. */
export async function readAside(
  store: Store,
  limit: number,
): Promise<{ readonly tasks: number; readonly requests: readonly string[] }> {
  const counted = store.counts.rows().filter(({ reason }) => reason === pageDamaged);
  const tasks = counted.reduce((sum, row) => sum + row.tasks, 0);
  if (tasks === 0) return { tasks, requests: [] };
  const rows = await store.all<Pick<StoredRequest, 'id' | 'request_id'>>(
    `SELECT DISTINCT requests.id, requests.request_id FROM tasks JOIN requests ON requests.id = tasks.request
     WHERE tasks.reason = ? ORDER BY requests.id LIMIT ?`,
    pageDamaged,
    limit,
  );
  return { tasks, requests: rows.map((row) => row.request_id) };
}

// What would be sent or read next. A duplicate goes where its primary goes.
const settable = `AND duplicate_of IS NULL AND state IN (${inSql(statesBefore('page-damaged'))})`;

const pageDamaged = storeTransitions.pageDamaged('').reason ?? '';

function messageOf(page: number): string {
  return `The encrypted page ${page} of the ledger does not open, so that nobody can tell who this is about. Nothing is sent. Restore the last backup and send it with 'expunge resume --resend', or hand the request in again under another id. 'expunge audit verify' lists all requests on damaged pages.`;
}

async function canRead(store: Store, kind: PageKind, page: number, row: number, boundTo: string): Promise<boolean> {
  try {
    await store.pages.read(kind, page, row, boundTo);
    return true;
  } catch (error) {
    if (error instanceof PageDamagedError) return false;
    throw error;
  }
}
