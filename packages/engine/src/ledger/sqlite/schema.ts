import type { DatabaseSync } from 'node:sqlite';
import { LedgerError } from '../ledger-error.ts';

// Marks the file as a ledger ("EXPG"), so that another program's database is never taken for one.
const applicationId = 0x45585047;

/** One step per version; a step, once released, is never changed. */
const migrations: readonly string[] = [
  `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;

  CREATE TABLE connectors (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    vendor TEXT NOT NULL,
    operation TEXT NOT NULL,
    max_targets INTEGER,
    -- Until when the vendor asked not to be called, by kind of call; and how much of its pace each goes at.
    blocks TEXT,
    pace TEXT,
    -- The month's volume is used up: no submission before this.
    quota_until INTEGER,
    failures INTEGER NOT NULL DEFAULT 0,
    pause_code TEXT, pause_message TEXT, paused_at INTEGER
  );

  -- A request goes to connector only when it was sent at first.
  CREATE TABLE connector_order (
    connector INTEGER NOT NULL REFERENCES connectors (id),
    first INTEGER NOT NULL REFERENCES connectors (id),
    PRIMARY KEY (connector, first)
  ) WITHOUT ROWID;

  -- Personal data, sealed by the page (sealed-pages.ts).
  CREATE TABLE sealed_pages (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, sealed BLOB NOT NULL);

  CREATE TABLE requests (
    id INTEGER PRIMARY KEY,
    request_id TEXT NOT NULL UNIQUE,
    subject_digest BLOB NOT NULL,
    law TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    accepted_at INTEGER NOT NULL,
    settled_at INTEGER,
    open_tasks INTEGER NOT NULL,
    -- The last list that it came in with.
    intake INTEGER NOT NULL,
    -- Where the subject is sealed; without it, who it was is forgotten.
    page INTEGER
  );
  CREATE INDEX requests_unsettled ON requests (due_at) WHERE settled_at IS NULL;
  CREATE INDEX requests_intake ON requests (intake);
  CREATE INDEX requests_to_shred ON requests (settled_at) WHERE settled_at IS NOT NULL AND page IS NOT NULL;

  -- next_at is set exactly while something is to be done by this task's own clock.
  -- A task with a leader has the same target as the leader and goes wherever the leader goes.
  CREATE TABLE tasks (
    id INTEGER PRIMARY KEY,
    request INTEGER NOT NULL REFERENCES requests (id),
    connector INTEGER NOT NULL REFERENCES connectors (id),
    state TEXT NOT NULL,
    assurance TEXT, reason TEXT, message TEXT, vendor_status TEXT, claim TEXT,
    target_type TEXT, digest BLOB, page INTEGER,
    leader INTEGER REFERENCES tasks (id),
    attempts INTEGER NOT NULL DEFAULT 0,
    call INTEGER, submission INTEGER, split INTEGER,
    -- Where a held task goes on when it is released.
    held_from TEXT,
    -- When a task goes on that waits for another connector; then it has no next_at.
    resume_at INTEGER,
    -- How many times the vendor took it and gave a receipt.
    jobs INTEGER NOT NULL DEFAULT 0,
    seen_before INTEGER NOT NULL DEFAULT 0,
    contradictions INTEGER NOT NULL DEFAULT 0,
    -- Whether the vendor may have acted: 0, certainly not; 1, by one call without an answer; 2, by more, or it took it.
    acted INTEGER NOT NULL DEFAULT 0,
    reads INTEGER NOT NULL DEFAULT 0,
    next_at INTEGER, submitted_at INTEGER, finished_at INTEGER
  );
  CREATE INDEX tasks_due ON tasks (connector, state, next_at, id) WHERE next_at IS NOT NULL;
  CREATE INDEX tasks_blocked ON tasks (request) WHERE resume_at IS NOT NULL;
  CREATE INDEX tasks_request ON tasks (request);
  CREATE INDEX tasks_submission ON tasks (submission) WHERE submission IS NOT NULL;
  CREATE INDEX tasks_leader ON tasks (leader) WHERE leader IS NOT NULL;
  CREATE INDEX tasks_split ON tasks (connector, split) WHERE split IS NOT NULL AND next_at IS NOT NULL;
  -- Finds a target again: an equal one that nobody has sent yet is joined instead of being sent twice, and the
  -- question whether somebody was deleted is answered after their identifiers are gone.
  CREATE INDEX tasks_target ON tasks (connector, digest) WHERE digest IS NOT NULL;

  CREATE TABLE calls (
    id INTEGER PRIMARY KEY,
    connector INTEGER NOT NULL REFERENCES connectors (id),
    kind TEXT NOT NULL,
    targets INTEGER NOT NULL,
    -- The tasks that it carried: "1-500,712". An index over the tasks themselves would be written three times for each.
    tasks TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    result TEXT
  );
  CREATE INDEX calls_recent ON calls (connector, started_at);
  CREATE INDEX calls_open ON calls (id) WHERE ended_at IS NULL;

  CREATE TABLE submissions (
    id INTEGER PRIMARY KEY,
    connector INTEGER NOT NULL REFERENCES connectors (id),
    receipt TEXT NOT NULL,
    submitted_at INTEGER NOT NULL,
    checks INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0,
    last_error TEXT, vendor_status TEXT, parts TEXT,
    next_at INTEGER
  );
  CREATE INDEX submissions_due ON submissions (connector, next_at) WHERE next_at IS NOT NULL;

  -- People whose tasks are not sent: a fingerprint of one identifier each.
  CREATE TABLE holds (
    id INTEGER PRIMARY KEY,
    identifier_type TEXT NOT NULL,
    digest BLOB NOT NULL UNIQUE,
    reason TEXT NOT NULL,
    added_at INTEGER NOT NULL
  );
  CREATE TABLE held_requests (
    hold INTEGER NOT NULL REFERENCES holds (id) ON DELETE CASCADE,
    request INTEGER NOT NULL REFERENCES requests (id),
    PRIMARY KEY (hold, request)
  ) WITHOUT ROWID;
  CREATE INDEX held_requests_request ON held_requests (request);

  CREATE TABLE audit (
    sequence INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    text TEXT NOT NULL,
    hash BLOB NOT NULL
  );

  -- How many tasks stand where, kept in the same commits as the tasks: nobody has to count a million rows.
  CREATE TABLE task_counts (
    connector INTEGER NOT NULL,
    state TEXT NOT NULL,
    assurance TEXT NOT NULL,
    reason TEXT NOT NULL,
    tasks INTEGER NOT NULL,
    PRIMARY KEY (connector, state, assurance, reason)
  ) WITHOUT ROWID;
  `,
  // The words of today, and what was hidden in times made visible. States here are those of this version, for good.
  `
  ALTER TABLE sealed_pages RENAME TO encrypted_pages;
  ALTER TABLE encrypted_pages RENAME COLUMN sealed TO ciphertext;
  ALTER TABLE connectors RENAME COLUMN pace TO throttle;
  ALTER TABLE requests RENAME COLUMN intake TO import_id;
  -- A duplicate has the same target as its primary and goes wherever the primary goes.
  ALTER TABLE tasks RENAME COLUMN leader TO duplicate_of;
  ALTER TABLE tasks RENAME COLUMN split TO bisected_batch;
  DROP INDEX requests_to_shred;
  CREATE INDEX requests_to_erase ON requests (settled_at) WHERE settled_at IS NOT NULL AND page IS NOT NULL;
  DROP INDEX tasks_split;
  CREATE INDEX tasks_bisected ON tasks (connector, bisected_batch) WHERE bisected_batch IS NOT NULL AND next_at IS NOT NULL;

  -- How many of a request's tasks ended how: its result follows from them.
  ALTER TABLE requests ADD COLUMN done_tasks INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE requests ADD COLUMN undone_tasks INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE requests ADD COLUMN cancelled_tasks INTEGER NOT NULL DEFAULT 0;
  UPDATE requests SET
    done_tasks = (SELECT count(*) FROM tasks WHERE request = requests.id AND state IN ('deleted', 'absent', 'accepted')),
    undone_tasks = (SELECT count(*) FROM tasks WHERE request = requests.id AND state IN ('partial', 'failed', 'contradicted')),
    cancelled_tasks = (SELECT count(*) FROM tasks WHERE request = requests.id AND state = 'cancelled');
  CREATE INDEX requests_not_done ON requests (id)
    WHERE settled_at IS NOT NULL AND (done_tasks = 0 OR undone_tasks > 0 OR cancelled_tasks > 0);

  -- Whether the vendor may have acted: none, certainly not; unknown, by one call without an answer; possible, by more, or it took it.
  ALTER TABLE tasks ADD COLUMN effect TEXT NOT NULL DEFAULT 'none';
  -- Nothing is sent before this: the waiting period. Only time ends it, or cancelling.
  ALTER TABLE tasks ADD COLUMN not_before INTEGER NOT NULL DEFAULT 0;
  -- What our own read saw before the deletion: present, absent, or unread, and why.
  ALTER TABLE tasks ADD COLUMN read_before TEXT NOT NULL DEFAULT 'unread';
  ALTER TABLE tasks ADD COLUMN unread_reason TEXT;
  UPDATE tasks SET effect = CASE acted WHEN 1 THEN 'unknown' ELSE 'possible' END WHERE acted > 0;
  UPDATE tasks SET read_before = 'present' WHERE seen_before = 1;
  UPDATE tasks SET unread_reason = 'not-recorded' WHERE seen_before = 0 AND attempts > 0;
  UPDATE tasks SET not_before = coalesce(next_at, resume_at)
    WHERE state IN ('pre-read', 'ready') AND attempts = 0 AND acted = 0 AND reason IS NULL
      AND coalesce(next_at, resume_at) > (SELECT accepted_at FROM requests WHERE requests.id = tasks.request);

  -- What waited for another connector had no time of its own.
  UPDATE tasks SET next_at = resume_at WHERE resume_at IS NOT NULL AND state = 'pre-read';
  UPDATE tasks SET state = 'blocked' WHERE resume_at IS NOT NULL AND state = 'ready';
  UPDATE tasks SET state = 'blocked'
    WHERE state = 'ready' AND duplicate_of IN (SELECT id FROM tasks WHERE state = 'blocked');
  -- A hold is a guard now, and no state. How long a task on hold was to wait was not kept.
  UPDATE tasks SET state = (SELECT coalesce(held_from, 'ready') FROM tasks AS lead WHERE lead.id = tasks.duplicate_of)
    WHERE state = 'held' AND duplicate_of IS NOT NULL;
  UPDATE tasks SET state = coalesce(held_from, 'ready'),
    next_at = (SELECT accepted_at FROM requests WHERE requests.id = tasks.request) WHERE state = 'held';
  UPDATE tasks SET reason = NULL, message = NULL WHERE reason = 'on-hold';
  -- In doubt without a time: only a person's decision went on with it, or it was on hold and would have gone on by itself.
  UPDATE tasks SET next_at = (SELECT accepted_at FROM requests WHERE requests.id = tasks.request)
    WHERE state = 'in-doubt' AND next_at IS NULL AND duplicate_of IS NULL
      AND EXISTS (SELECT 1 FROM held_requests WHERE held_requests.request = tasks.request)
      AND ((reason IN ('interrupted', 'timed-out', 'connection-lost', 'aborted', 'vendor-unavailable') AND message NOT LIKE 'No clear answer in %')
        OR (reason = 'reply-lost' AND message LIKE 'The reply was lost;%'));
  UPDATE tasks SET state = 'needs-review' WHERE state = 'in-doubt' AND next_at IS NULL AND duplicate_of IS NULL;
  UPDATE tasks SET state = 'needs-review'
    WHERE state = 'in-doubt' AND duplicate_of IN (SELECT id FROM tasks WHERE state = 'needs-review');
  DROP INDEX tasks_blocked;
  CREATE INDEX tasks_blocked ON tasks (id) WHERE state = 'blocked';
  ALTER TABLE tasks DROP COLUMN acted;
  ALTER TABLE tasks DROP COLUMN seen_before;
  ALTER TABLE tasks DROP COLUMN held_from;
  ALTER TABLE tasks DROP COLUMN resume_at;
  DELETE FROM task_counts;
  INSERT INTO task_counts (connector, state, assurance, reason, tasks)
    SELECT connector, state, coalesce(assurance, ''), coalesce(reason, ''), count(*) FROM tasks GROUP BY 1, 2, 3, 4;
  -- Up to this entry the audit log has the states of version 1.
  INSERT INTO meta (key, value) SELECT 'words-of-version-1-until', CAST(CAST(last AS TEXT) AS BLOB)
    FROM (SELECT max(sequence) AS last FROM audit) WHERE last IS NOT NULL;

  -- The intervals between calls that refusals have taught.
  ALTER TABLE connectors ADD COLUMN intervals TEXT;

  -- Until when a record may be read before its deletion.
  ALTER TABLE tasks ADD COLUMN read_by INTEGER;
  UPDATE tasks SET read_by = 21600000
      + coalesce(next_at, (SELECT accepted_at FROM requests WHERE requests.id = tasks.request)) WHERE state = 'pre-read';
  CREATE INDEX tasks_read_by ON tasks (connector, read_by) WHERE state = 'pre-read';
  CREATE INDEX tasks_unread ON tasks (connector, unread_reason)
    WHERE read_before = 'unread' AND unread_reason IS NOT NULL AND unread_reason <> 'not-recorded';
  `,
  `
  -- The ledger's signature of the log up to here: the last entry of each commit has one.
  ALTER TABLE audit ADD COLUMN signature BLOB;

  -- Lists that came in. One without an end was cut off, or still comes in.
  CREATE TABLE imports (
    id INTEGER PRIMARY KEY,
    started_at INTEGER NOT NULL,
    -- When its last requests came in.
    last_at INTEGER NOT NULL,
    ended_at INTEGER,
    requests INTEGER NOT NULL DEFAULT 0,
    -- A fingerprint of what it was read from.
    source BLOB
  );
  CREATE INDEX imports_open ON imports (id) WHERE ended_at IS NULL;
  `,
];

/** The version that this code reads and writes. */
export const schemaVersion = migrations.length;

/** Brings a database to this version, in one transaction. An empty one becomes a ledger. */
export function migrate(database: DatabaseSync, path: string): void {
  const version = readVersion(database, path);
  if (version === schemaVersion) return;
  database.exec('BEGIN IMMEDIATE');
  try {
    for (const step of migrations.slice(version)) database.exec(step);
    database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${schemaVersion}`);
    database.exec('COMMIT');
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}

/** The version of a database; refuses what is no ledger, and a ledger of a newer Expunge. */
export function readVersion(database: DatabaseSync, path: string): number {
  const id = Number(database.prepare('PRAGMA application_id').get()?.application_id);
  const version = Number(database.prepare('PRAGMA user_version').get()?.user_version);
  const tables = Number(database.prepare('SELECT count(*) AS tables FROM sqlite_master').get()?.tables);
  if (id !== applicationId && !(id === 0 && version === 0 && tables === 0)) {
    throw new LedgerError('not-a-ledger', `${path} is a database of another program. Name another file as the ledger.`);
  }
  if (version > schemaVersion) {
    throw new LedgerError(
      'newer-version',
      `The ledger ${path} was written by a newer version of Expunge (ledger version ${version}, this one reads up to ${schemaVersion}). Install the newer version.`,
    );
  }
  return version;
}
