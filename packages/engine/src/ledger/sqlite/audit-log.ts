import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type AuditEntry, type AuditHead, emptyHead, hashEntry } from '../audit-chain.ts';
import { toRanges } from '../number-ranges.ts';

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
  readonly #insert: StatementSync;
  readonly #now: () => number;
  #head: AuditHead;
  readonly #moves = new Map<string, number[]>();
  readonly #moved = new Set<number>();

  constructor(database: DatabaseSync, now: () => number) {
    this.#insert = database.prepare('INSERT INTO audit (sequence, at, text, hash) VALUES (?, ?, ?, ?)');
    this.#now = now;
    this.#head = readHead(database);
  }

  /** The last entry. */
  get head(): AuditHead {
    return this.#head;
  }

  /** Notes the move of a task; written with the others of its step. */
  addMove(task: number, move: TaskMove): void {
    // A task that moves twice in one step must not have its second move in an entry that stands before its first.
    if (this.#moved.has(task)) this.endStep();
    this.#moved.add(task);
    const text = JSON.stringify(move);
    const tasks = this.#moves.get(text);
    if (tasks === undefined) this.#moves.set(text, [task]);
    else tasks.push(task);
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
  add(entry: { readonly type: string; readonly [key: string]: unknown }): void {
    const text = JSON.stringify(entry);
    const sequence = this.#head.sequence + 1;
    const at = this.#now();
    const hash = hashEntry(this.#head.hash, sequence, at, text);
    this.#insert.run(sequence, at, text, Buffer.from(hash, 'hex'));
    this.#head = { sequence, hash };
  }

  /** Forgets what a transaction wrote that failed. */
  reset(database: DatabaseSync): void {
    this.#forgetStep();
    this.#head = readHead(database);
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
