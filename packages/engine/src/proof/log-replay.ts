import { hash } from 'node:crypto';
import { numbersIn } from '../ledger/number-ranges.ts';
import { asStored } from '../ledger/plain-text.ts';
import type { AuditEntry } from './audit-chain.ts';

/** Where a task stands by its last move. */
export interface LoggedPlace {
  readonly connector: string;
  readonly state: string;
  readonly assurance: string | null;
  readonly reason: string | null;
  /** Logged in the words of version 1. */
  readonly isOlder: boolean;
}

/** What came in with a request. */
export interface RequestFacts {
  readonly requestId: string;
  readonly law: string;
  /** The fingerprint of its subject. */
  readonly subject: string;
}

interface LogEntry {
  readonly type?: string;
  readonly request?: number;
  readonly requestId?: string;
  readonly law?: string;
  readonly subject?: string;
  readonly receivedAt?: string;
  readonly dueAt?: string;
  readonly tasks?: string;
  readonly requests?: string | number;
  readonly connector?: string;
  readonly to?: string;
  readonly assurance?: string;
  readonly reason?: string;
  readonly hold?: number;
  readonly identifier?: string;
  readonly import?: number;
}

/** The word of the log for a task that another one has taken the place of: it has no row any more. */
const replaced = 'replaced';

/**
 * What the ledger has to hold by its log. Takes the entries in order, and keeps some bytes of each task and request: a million of
 * them fit into memory.
 */
export class LogReplay {
  /** Holds that are in force, with the fingerprint of their identifier where the entry has it. */
  readonly holds = new Map<number, string | undefined>();
  /** Imports whose end is logged. */
  readonly endedImports = new Set<number>();
  /** The times of requests were brought back together, and are no longer those of their entries. */
  isClockCorrected = false;
  readonly #wordsUntil: number;
  readonly #places: LoggedPlace[] = [];
  readonly #numberOfPlace = new Map<string, number>();
  // By the number of a task.
  readonly #placeOf = new GrowingNumbers();
  readonly #requestOf = new GrowingNumbers();
  readonly #addedAt = new GrowingNumbers();
  // By the number of a request. Of what came in with it two numbers are kept that follow from it.
  readonly #facts = [new GrowingNumbers(), new GrowingNumbers()] as const;
  readonly #times = [new GrowingNumbers(), new GrowingNumbers()] as const;
  readonly #workAddedAt = new GrowingNumbers();
  readonly #erasedAt = new GrowingNumbers();

  /** @param wordsUntil - The last entry in the words of version 1; 0: there is none. */
  constructor(wordsUntil: number) {
    this.#wordsUntil = wordsUntil;
  }

  /** Tasks have numbers below this. */
  get tasks(): number {
    return Math.max(this.#placeOf.length, this.#requestOf.length);
  }

  /** Requests have numbers below this. */
  get requests(): number {
    return this.#facts[0].length;
  }

  /** Takes the next entry of a log whose chain is whole. */
  take({ sequence, text }: AuditEntry): void {
    const entry: LogEntry = JSON.parse(text);
    switch (entry.type) {
      case 'moved':
        this.#move(sequence, entry);
        return;
      case 'accepted':
        this.#accept(entry);
        this.#add(sequence, entry);
        return;
      case 'extended':
        this.#add(sequence, entry);
        return;
      case 'shredded':
        for (const request of numbersIn(String(entry.requests ?? ''))) this.#erasedAt.set(request, sequence);
        return;
      case 'hold-added':
        if (entry.hold !== undefined) this.holds.set(entry.hold, entry.identifier);
        return;
      case 'hold-removed':
        if (entry.hold !== undefined) this.holds.delete(entry.hold);
        return;
      case 'import-ended':
        if (entry.import !== undefined) this.endedImports.add(entry.import);
        return;
      case 'clock-corrected':
        this.isClockCorrected = true;
    }
  }

  /** Where a task stands; undefined: the log knows no such task, or another one has taken its place. */
  placeOf(task: number): LoggedPlace | undefined {
    const place = this.#places[this.#placeOf.get(task) - 1];
    return place?.state === replaced ? undefined : place;
  }

  /** The number of the request that a task belongs to; 0: none. */
  requestOf(task: number): number {
    return this.#requestOf.get(task);
  }

  /** Whether it is erased who a task is about. */
  isTaskErased(task: number): boolean {
    return this.#erasedAt.get(this.#requestOf.get(task)) > this.#addedAt.get(task);
  }

  /** Whether a request of this number came in. */
  hasRequest(request: number): boolean {
    return this.#facts[0].get(request) !== 0;
  }

  /** Whether this is what came in with a request. */
  isRequest(request: number, facts: RequestFacts): boolean {
    return isKept(this.#facts, request, factsText(facts));
  }

  /** Whether these are the times with which a request came in, in milliseconds since 1970. */
  hasTimes(request: number, receivedAt: number, dueAt: number): boolean {
    return this.isClockCorrected || isKept(this.#times, request, timesText(receivedAt, dueAt));
  }

  /** Whether it is erased who a request is about. Where work was added later, it is kept again. */
  isRequestErased(request: number): boolean {
    return this.#erasedAt.get(request) > this.#workAddedAt.get(request);
  }

  #move(sequence: number, { tasks = '', connector = '', to = '', assurance, reason }: LogEntry): void {
    const isOlder = sequence <= this.#wordsUntil;
    const key = JSON.stringify([connector, to, assurance, reason, isOlder]);
    let number = this.#numberOfPlace.get(key);
    if (number === undefined) {
      number = this.#places.push({
        connector,
        state: to,
        assurance: assurance ?? null,
        reason: reason ?? null,
        isOlder,
      });
      this.#numberOfPlace.set(key, number);
    }
    for (const task of numbersIn(tasks)) this.#placeOf.set(task, number);
  }

  #accept({ request = 0, requestId = '', law = '', subject = '', receivedAt = '', dueAt = '' }: LogEntry): void {
    keep(this.#facts, request, factsText({ requestId, law, subject }));
    keep(this.#times, request, timesText(Date.parse(receivedAt), Date.parse(dueAt)));
  }

  #add(sequence: number, { request = 0, tasks = '' }: LogEntry): void {
    for (const task of numbersIn(tasks)) {
      this.#requestOf.set(task, request);
      this.#addedAt.set(task, sequence);
    }
    this.#workAddedAt.set(request, sequence);
  }
}

function factsText({ requestId, law, subject }: RequestFacts): string {
  return JSON.stringify([asStored(requestId), law, subject]);
}

function timesText(receivedAt: number, dueAt: number): string {
  return `${receivedAt} ${dueAt}`;
}

type Kept = readonly [GrowingNumbers, GrowingNumbers];

function keep(kept: Kept, index: number, text: string): void {
  const [first, second] = numbersFor(text);
  kept[0].set(index, first);
  kept[1].set(index, second);
}

function isKept(kept: Kept, index: number, text: string): boolean {
  const [first, second] = numbersFor(text);
  return kept[0].get(index) === first && kept[1].get(index) === second;
}

// 63 bits of the text's hash. The first number is never 0, which stands for nothing.
function numbersFor(text: string): readonly [number, number] {
  const digits = hash('sha256', text, 'hex');
  return [(Number.parseInt(digits.slice(0, 8), 16) | 1) >>> 0, Number.parseInt(digits.slice(8, 16), 16)];
}

/** Whole numbers from 0 to 2^32 - 1 by their index, four bytes each: what is kept of every task of a large ledger. */
export class GrowingNumbers {
  #values = new Uint32Array(1024);

  /** One more than the largest index that was set. */
  length = 0;

  get(index: number): number {
    return this.#values[index] ?? 0;
  }

  set(index: number, value: number): void {
    if (index >= this.#values.length) {
      const larger = new Uint32Array(Math.max(index + 1, 2 * this.#values.length));
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[index] = value;
    if (index >= this.length) this.length = index + 1;
  }

  add(index: number, difference: number): void {
    this.set(index, this.get(index) + difference);
  }
}
