import { createCipheriv, createHmac, createSecretKey, randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

// What the machine and the libraries can do at best, with nothing around them: the floor under every other figure.
//
//   node physical-limits.ts <file for a database> <rows>
//
// Prints one line of JSON: things a second by name.

const [, , path = '', rowsText = '100000'] = process.argv;
const rows = Number(rowsText);

function perSecond(times: number, work: () => void): number {
  const startedAt = performance.now();
  work();
  return times / ((performance.now() - startedAt) / 1000);
}

// A row of about the size that a task takes, without an index besides its key.
function insertRate(rowsPerCommit: number): number {
  for (const ending of ['', '-wal', '-shm']) rmSync(`${path}${ending}`, { force: true });
  const database = new DatabaseSync(path);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  database.exec('CREATE TABLE tasks (id INTEGER PRIMARY KEY, state TEXT, at INTEGER, digest BLOB, encrypted BLOB)');
  const insert = database.prepare('INSERT INTO tasks (state, at, digest, encrypted) VALUES (?, ?, ?, ?)');
  const digest = randomBytes(16);
  const encrypted = randomBytes(130);
  const rate = perSecond(rows, () => {
    for (let started = 0; started < rows; started += rowsPerCommit) {
      database.exec('BEGIN IMMEDIATE');
      const end = Math.min(rows, started + rowsPerCommit);
      for (let row = started; row < end; row += 1) insert.run('ready', started, digest, encrypted);
      database.exec('COMMIT');
    }
  });
  database.close();
  return rate;
}

function commitRate(): number {
  for (const ending of ['', '-wal', '-shm']) rmSync(`${path}${ending}`, { force: true });
  const database = new DatabaseSync(path);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  database.exec('CREATE TABLE numbers (number INTEGER)');
  const insert = database.prepare('INSERT INTO numbers VALUES (?)');
  const commits = Math.max(20, Math.min(1000, rows / 100));
  const rate = perSecond(commits, () => {
    for (let number = 0; number < commits; number += 1) insert.run(number);
  });
  database.close();
  return rate;
}

const key = createSecretKey(randomBytes(32));
const text = JSON.stringify({ identifiers: [{ type: 'user_id', value: '8c3f2f0e-1c7e-4bbb-8ccc-123456789abc' }] });

function encrypt(value: string): void {
  const cipher = createCipheriv('aes-256-gcm', key, randomBytes(12));
  cipher.update(value, 'utf8');
  cipher.final();
  cipher.getAuthTag();
}

const crypto = Math.max(1000, Math.round(rows / 4));
const times = (work: () => void) => () => {
  for (let time = 0; time < crypto; time += 1) work();
};
times(() => encrypt(text))();

process.stdout.write(
  JSON.stringify({
    commits: commitRate(),
    insertsBy500: insertRate(500),
    insertsBy2000: insertRate(2000),
    insertsBy10000: insertRate(10_000),
    encrypts: perSecond(
      crypto,
      times(() => encrypt(text)),
    ),
    digests: perSecond(
      crypto,
      times(() => void createHmac('sha256', key).update(text).digest()),
    ),
  }),
);
for (const ending of ['', '-wal', '-shm']) rmSync(`${path}${ending}`, { force: true });
