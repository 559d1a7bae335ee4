import type { DatabaseSync } from 'node:sqlite';
import { type AuditEntry, type AuditHead, emptyHead, hashEntry } from '../audit-chain.ts';
import { toRanges } from '../number-ranges.ts';
import { insertRows } from './insert-rows.ts';
import type { Store } from './store.ts';

/** What an entry says. Plain JSON without personal data. */
export interface AuditFacts {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** A move of one task, as the log keeps it. */
export interface TaskMove {
  readonly connector: string;
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
 * Tasks that go the same way in one step share entries that list their numbers.
 */
export class AuditLog {
  readonly #store: Store;
  readonly #now: () => number;
  #head: AuditHead;
  readonly #moves = new Map<string, number[]>();
  readonly #moved = new Set<number>();

  constructor(store: Store, now: () => number) {
    this.#store = store;
    this.#now = now;
    this.#head = readHead(store.database);
  }

  /** The last entry. */
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

  /** Writes the moves of a step. */
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

  /** Writes an entry. */
  add(entry: AuditFacts): void {
    this.addAll([entry]);
  }

  /** Writes entries, in order. */
  addAll(entries: readonly AuditFacts[]): void {
    const at = this.#now();
    const rows = entries.map((entry) => {
      const text = JSON.stringify(entry);
      const sequence = this.#head.sequence + 1;
      const hash = hashEntry(this.#head.hash, sequence, at, text);
      this.#head = { sequence, hash };
      return [sequence, text, hash];
    });
    insertRows(this.#store, { table: 'audit', shared: { at }, columns: ['sequence', 'text', '<hash>'], rows });
  }

  /** Forgets what a transaction wrote that failed. */
  reset(): void {
    this.#forgetStep();
    this.#head = readHead(this.#store.database);
  }

  #forgetStep(): void {
    this.#moves.clear();
    this.#moved.clear();
  }
}

/** Reads a log from its beginning, entry by entry. */
export function* readEntries(database: DatabaseSync): Generator<AuditEntry> {
  for (const row of database.prepare('SELECT sequence, at, text, hash FROM audit ORDER BY sequence').iterate()) {
    yield toEntry(row);
  }
}

function readHead(database: DatabaseSync): AuditHead {
  const row = database.prepare('SELECT sequence, at, text, hash FROM audit ORDER BY sequence DESC LIMIT 1').get();
  if (row === undefined) return emptyHead;
  const { sequence, hash } = toEntry(row);
  return { sequence, hash };
}

function toEntry(row: Record<string, unknown>): AuditEntry {
  const hash = row.hash;
  return {
    sequence: Number(row.sequence),
    at: Number(row.at),
    text: String(row.text),
    hash: hash instanceof Uint8Array ? Buffer.from(hash).toString('hex') : '',
  };
}
