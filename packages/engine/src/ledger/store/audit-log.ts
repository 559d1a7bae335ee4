import { type AuditEntry, type AuditHead, emptyHead, hashEntry } from '../../proof/audit-chain.ts';
import { toRanges } from '../number-ranges.ts';
import { insertRows } from './insert-rows.ts';
import type { Sql, SqlValue } from './sql.ts';

/** What an entry says. Plain JSON without personal data. */
export interface AuditFacts {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** A move of one task, as the log keeps it. */
export interface TaskMove {
  readonly connector: string;
  /** What happened to it; absent where a task is new, or replaced. */
  readonly event?: string | undefined;
  readonly from: string | undefined;
  readonly to: string;
  readonly reason?: string | undefined;
  readonly assurance?: string | undefined;
  readonly vendorStatus?: string | undefined;
  readonly call?: number | undefined;
}

/** Tasks in one entry, at the most: who shows the entries behind one request shows no more of the others than this. */
const tasksPerEntry = 100;

/**
 * The audit log: every change of state, chained by hashes, written in the same transaction as the change itself.
 * Tasks that go the same way in one step share entries that list their numbers. Entries go into the table together, at
 * the end of the transaction.
 */
export class AuditLog {
  readonly #now: () => number;
  #head = emptyHead;
  #unwritten: SqlValue[][] = [];
  readonly #moves = new Map<string, number[]>();
  readonly #moved = new Set<number>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The last entry, also where the current transaction has added it. */
  get head(): AuditHead {
    return this.#head;
  }

  /** Notes that tasks move alike; written with the others of their step. */
  addMoves(tasks: readonly number[], move: TaskMove): void {
    // A task that moves twice in one step must not have its second move in an entry that stands before its first.
    if (tasks.some((task) => this.#moved.has(task))) this.endStep();
    for (const task of tasks) this.#moved.add(task);
    const text = JSON.stringify(move);
    const alike = this.#moves.get(text);
    if (alike === undefined) this.#moves.set(text, [...tasks]);
    else alike.push(...tasks);
  }

  /** Adds the moves of a step. */
  endStep(): void {
    if (this.#moves.size === 0) return;
    for (const [text, tasks] of this.#moves) {
      const move: TaskMove = JSON.parse(text);
      for (let first = 0; first < tasks.length; first += tasksPerEntry) {
        this.add({ type: 'moved', tasks: toRanges(tasks.slice(first, first + tasksPerEntry)), ...move });
      }
    }
    this.#forgetStep();
  }

  /** Adds an entry. */
  add(entry: AuditFacts): void {
    const at = this.#now();
    const text = JSON.stringify(entry);
    const sequence = this.#head.sequence + 1;
    const hash = hashEntry(this.#head.hash, sequence, at, text);
    this.#head = { sequence, hash };
    this.#unwritten.push([sequence, at, text, hash]);
  }

  /** Writes what the transaction has added. */
  async write(sql: Sql): Promise<void> {
    const rows = this.#unwritten;
    this.#unwritten = [];
    await insertRows(sql, { table: 'audit', columns: ['sequence', 'at', 'text', '<hash>'], rows });
  }

  /** Forgets what a transaction added that failed. The head has to be read anew. */
  discard(): void {
    this.#forgetStep();
    this.#unwritten = [];
  }

  /** Reads the last entry. */
  async read(sql: Sql): Promise<void> {
    this.#head = await readHead(sql);
  }

  #forgetStep(): void {
    this.#moves.clear();
    this.#moved.clear();
  }
}

/** The last entry that is written. */
export async function readHead(sql: Sql): Promise<AuditHead> {
  const row = await sql.get<EntryRecord>('SELECT sequence, at, text, hash FROM audit ORDER BY sequence DESC LIMIT 1');
  if (row === undefined) return emptyHead;
  const { sequence, hash } = toEntry(row);
  return { sequence, hash };
}

const entriesPerBatch = 1000;

/** The entries that follow one, by the batch. None: that one is the last. */
export async function readEntriesAfter(sql: Sql, sequence: number): Promise<readonly AuditEntry[]> {
  const rows = await sql.all<EntryRecord>(
    'SELECT sequence, at, text, hash FROM audit WHERE sequence > ? ORDER BY sequence LIMIT ?',
    sequence,
    entriesPerBatch,
  );
  return rows.map(toEntry);
}

interface EntryRecord {
  readonly sequence: number;
  readonly at: number;
  readonly text: string;
  readonly hash: Uint8Array;
}

// Whoever has written into the file by hand may have put anything there: that is then a broken link, and no error.
function toEntry({ sequence, at, text, hash }: EntryRecord): AuditEntry {
  return {
    sequence: Number(sequence),
    at: Number(at),
    text: String(text),
    hash: hash instanceof Uint8Array ? Buffer.from(hash).toString('hex') : '',
  };
}
