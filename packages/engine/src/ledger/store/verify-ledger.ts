import {
  type AuditEntry,
  type AuditHead,
  createSignedLogCheck,
  type SignedLogOptions,
  type SignedLogResult,
} from '../../proof/audit-chain.ts';
import { LogReplay } from '../../proof/log-replay.ts';
import { wordsUntilKey } from '../../tasks/words-of-version-1.ts';
import { LedgerError } from '../ledger-error.ts';
import type { StoredRequest, StoredValue } from '../rows.ts';
import { readEntriesAfter } from './audit-log.ts';
import { compareWithLog, type DifferenceKind, type PageReference } from './compare-with-log.ts';
import { PageDamagedError } from './encrypted-pages.ts';
import type { Store } from './store.ts';

/** What the check of a whole ledger came to. Carries request ids, and no personal data. */
export interface LedgerVerification {
  /** Whether the log is whole and signed, the tables follow from it, and every encrypted page opens. */
  readonly isIntact: boolean;
  /** What the log is worth. */
  readonly log: SignedLogResult;
  /** Where the tables differ from the log; absent where the log is broken, so that there is nothing to compare with. */
  readonly differences?:
    | readonly {
        readonly kind: DifferenceKind;
        readonly count: number;
        /** The first requests that it is about. */
        readonly requests: readonly string[];
      }[]
    | undefined;
  /** Encrypted pages. */
  readonly pages: {
    /** How many were opened. */
    readonly opened: number;
    /** The numbers of those that do not open, or do not hold what refers to them. */
    readonly damaged: readonly number[];
    /** The requests that they are about, the first of them. */
    readonly requests: readonly string[];
    /** How many requests these are. */
    readonly count: number;
  };
}

const mostRequests = 20;

/**
 * Checks a ledger: its log, whether its tables follow from the log, and whether its encrypted pages open. All of it of one moment,
 * within a transaction that only reads.
 */
export async function verifyLedger(
  store: Store,
  options: Pick<SignedLogOptions, 'publicKey' | 'signedFrom'>,
  anchor: AuditHead | undefined,
): Promise<LedgerVerification> {
  const { log, replay } = await checkLog(store, { ...options, anchor });
  const pages = new PageCheck(store);
  const found = await compareWithLog(store, replay, (reference) => pages.check(reference));
  const names = await requestIds(store, [...found.flatMap(({ requests }) => requests), ...pages.requests]);
  const toIds = (requests: Iterable<number>) =>
    [...requests].slice(0, mostRequests).map((request) => names.get(request) ?? `#${request}`);
  return {
    isIntact: log.isIntact && found.length === 0 && pages.damaged.size === 0,
    log,
    differences: replay === undefined ? undefined : found.map((each) => ({ ...each, requests: toIds(each.requests) })),
    pages: {
      opened: pages.opened.size - pages.damaged.size,
      damaged: [...pages.damaged].sort((a, b) => a - b),
      requests: toIds(pages.requests),
      count: pages.requests.size,
    },
  };
}

async function checkLog(
  store: Store,
  options: SignedLogOptions,
): Promise<{ readonly log: SignedLogResult; readonly replay: LogReplay | undefined }> {
  const check = createSignedLogCheck(options);
  // Nobody without the key can make more of the log pass for older than it is.
  const replay = new LogReplay(Math.min(await readWordsUntil(store), options.signedFrom));
  for await (const entry of entriesOf(store)) {
    const broken = check.take(entry);
    if (broken !== undefined) return { log: broken, replay: undefined };
    replay.take(entry);
  }
  const log = check.end();
  return { log, replay: log.isIntact ? replay : undefined };
}

async function* entriesOf(store: Store): AsyncGenerator<AuditEntry> {
  for (let last = 0; ; ) {
    const entries = await readEntriesAfter(store, last);
    if (entries.length === 0) return;
    yield* entries;
    last = entries.at(-1)?.sequence ?? last;
  }
}

async function readWordsUntil(store: Store): Promise<number> {
  const row = await store.get<StoredValue>('SELECT value FROM meta WHERE key = ?', wordsUntilKey);
  if (row === undefined) return 0;
  return Number(typeof row.value === 'string' ? row.value : Buffer.from(row.value).toString());
}

/** Opens what rows refer to, and keeps what does not open. */
class PageCheck {
  readonly opened = new Set<number>();
  readonly damaged = new Set<number>();
  /** The requests on damaged pages. */
  readonly requests = new Set<number>();
  readonly #store: Store;
  /** Pages that stand under another connector's name: each look at one tries every name. */
  readonly #ofOthers = new Set<number>();

  constructor(store: Store) {
    this.#store = store;
  }

  async check({ kind, page, row, boundTo, request }: PageReference): Promise<void> {
    this.opened.add(page);
    if (this.#ofOthers.has(page)) {
      this.requests.add(request);
      return;
    }
    try {
      await this.#store.pages.read(kind, page, row, boundTo);
    } catch (error) {
      const isOfOthers = error instanceof LedgerError && error.code === 'names-changed';
      if (!(error instanceof PageDamagedError) && !isOfOthers) throw error;
      if (isOfOthers) this.#ofOthers.add(page);
      this.damaged.add(page);
      this.requests.add(request);
    }
  }
}

// Of a request whose row is gone, the log still has the id.
async function requestIds(store: Store, numbers: readonly number[]): Promise<ReadonlyMap<number, string>> {
  const ids = new Map<number, string>();
  const wanted = new Set(numbers.slice(0, 10 * mostRequests));
  for (const number of wanted) {
    const row = await store.get<Pick<StoredRequest, 'request_id'>>(
      'SELECT request_id FROM requests WHERE id = ?',
      number,
    );
    if (row !== undefined) ids.set(number, row.request_id);
  }
  if (ids.size === wanted.size) return ids;
  for await (const { text } of entriesOf(store)) {
    if (!text.includes('"accepted"')) continue;
    const { type, request, requestId }: { type?: unknown; request?: unknown; requestId?: unknown } = JSON.parse(text);
    if (type !== 'accepted' || typeof request !== 'number' || !wanted.has(request) || ids.has(request)) continue;
    ids.set(request, String(requestId));
  }
  return ids;
}
