import type { LedgerSecret } from '../../crypto/ledger-key.ts';
import {
  createSignatureCheck,
  createSigner,
  type LedgerSigner,
  type SignatureCheck,
} from '../../crypto/ledger-signer.ts';
import {
  type AuditEntry,
  type AuditHead,
  emptyHead,
  foundUnsigned,
  hashEntry,
  isHeadSigned,
  signHead,
} from '../../proof/audit-chain.ts';
import { toRanges } from '../number-ranges.ts';
import { engineActor } from '../plain-text.ts';
import type { StoredEntry } from '../rows.ts';
import { insertRows, type Sql, type SqlValue } from './sql.ts';

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
 * the end of the transaction, and the last of them carries the ledger's signature.
 */
export class AuditLog {
  readonly #now: () => number;
  readonly #signer: LedgerSigner;
  readonly #isSigned: SignatureCheck;
  readonly #signedFrom: number;
  #head = emptyHead;
  #actor = engineActor;
  /** The head as it was read, where it is not known yet whether it is signed. */
  #unchecked: { readonly signature: string | undefined } | undefined;
  #unwritten: SqlValue[][] = [];
  readonly #moves = new Map<string, number[]>();
  readonly #moved = new Set<number>();

  constructor(now: () => number, { digestSecret, signedFrom }: LedgerSecret) {
    this.#now = now;
    this.#signer = createSigner(digestSecret);
    this.#isSigned = createSignatureCheck(this.#signer.publicKey);
    this.#signedFrom = signedFrom;
  }

  /** The last entry, also where the current transaction has added it. */
  get head(): AuditHead {
    return this.#head;
  }

  /** Records that tasks move alike; written with the others of their step. */
  addMoves(tasks: readonly number[], move: TaskMove): void {
    // A task that moves twice in one step must not have its second move in an entry that stands before its first.
    if (tasks.some((task) => this.#moved.has(task))) this.endStep();
    for (const task of tasks) this.#moved.add(task);
    const text = JSON.stringify(move);
    const alike = this.#moves.get(text);
    if (alike === undefined) this.#moves.set(text, [...tasks]);
    else alike.push(...tasks);
  }

  /** Does a piece of work whose entries carry the name of who does it. */
  async as<Result>(actor: string, work: () => Promise<Result>): Promise<Result> {
    this.endStep();
    this.#actor = actor;
    try {
      const result = await work();
      this.endStep();
      return result;
    } finally {
      this.#actor = engineActor;
    }
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
    this.#checkHead();
    this.#append(entry);
  }

  #append(entry: AuditFacts): void {
    const at = this.#now();
    const text = JSON.stringify({ ...entry, actor: this.#actor });
    const sequence = this.#head.sequence + 1;
    const hash = hashEntry(this.#head.hash, sequence, at, text);
    this.#head = { sequence, hash };
    this.#unwritten.push([sequence, at, text, hash, null]);
  }

  // Whoever can write the ledger but has no key can add entries or write all of them anew, but not sign them. The next signature
  // would cover theirs as well: so it also covers that they were found.
  #checkHead(): void {
    if (this.#unchecked === undefined) return;
    const { signature } = this.#unchecked;
    this.#unchecked = undefined;
    const { sequence } = this.#head;
    const isWhole = sequence === 0 ? this.#signedFrom === 1 : sequence >= this.#signedFrom;
    if (isWhole && (sequence === 0 || isHeadSigned(this.#isSigned, this.#head, signature))) return;
    this.#append({ type: foundUnsigned, entry: sequence });
  }

  /** Writes what the transaction has added. */
  async write(sql: Sql): Promise<void> {
    const rows = this.#unwritten;
    this.#unwritten = [];
    const last = rows.at(-1);
    if (last === undefined) return;
    last[4] = Buffer.from(signHead(this.#signer, this.#head), 'base64').toString('hex');
    await insertRows(sql, { table: 'audit', columns: ['sequence', 'at', 'text', '<hash>', '<signature>'], rows });
  }

  /** Forgets what a transaction added that failed. The head has to be read anew. */
  discard(): void {
    this.#forgetStep();
    this.#unwritten = [];
  }

  /** Reads the last entry. */
  async read(sql: Sql): Promise<void> {
    const entry = await readLastEntry(sql);
    this.#head = entry === undefined ? emptyHead : { sequence: entry.sequence, hash: entry.hash };
    this.#unchecked = { signature: entry?.signature };
  }

  #forgetStep(): void {
    this.#moves.clear();
    this.#moved.clear();
  }
}

/** The last entry that is written. */
export async function readHead(sql: Sql): Promise<AuditHead> {
  const entry = await readLastEntry(sql);
  return entry === undefined ? emptyHead : { sequence: entry.sequence, hash: entry.hash };
}

const entryColumns = 'sequence, at, text, hash, signature';

async function readLastEntry(sql: Sql): Promise<AuditEntry | undefined> {
  const row = await sql.get<StoredEntry>(`SELECT ${entryColumns} FROM audit ORDER BY sequence DESC LIMIT 1`);
  return row === undefined ? undefined : toEntry(row);
}

const entriesPerBatch = 1000;

/** The entries that follow one, by the batch. None: that one is the last. */
export async function readEntriesAfter(sql: Sql, sequence: number): Promise<readonly AuditEntry[]> {
  const rows = await sql.all<StoredEntry>(
    `SELECT ${entryColumns} FROM audit WHERE sequence > ? ORDER BY sequence LIMIT ?`,
    sequence,
    entriesPerBatch,
  );
  return rows.map(toEntry);
}

// Whoever has written into the file by hand may have put anything there: that is then a broken link, and no error.
function toEntry({ sequence, at, text, hash, signature }: StoredEntry): AuditEntry {
  return {
    sequence: Number(sequence),
    at: Number(at),
    text: String(text),
    hash: hash instanceof Uint8Array ? Buffer.from(hash).toString('hex') : '',
    ...(signature === null
      ? {}
      : { signature: signature instanceof Uint8Array ? Buffer.from(signature).toString('base64') : '' }),
  };
}
