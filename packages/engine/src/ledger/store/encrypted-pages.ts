import type { Cipher } from '../../crypto/cipher.ts';
import { LedgerError } from '../ledger-error.ts';
import { isStoredAlike } from '../plain-text.ts';
import type { ConnectorRow, PageKind, StoredPage } from '../rows.ts';
import type { Store } from './store.ts';

/** A value to be encrypted, and the row that it belongs to. */
export interface PageEntry {
  /** The row's number. */
  readonly row: number;
  /** What else of the row the value is tied to: asked for under another one, it is not given out. */
  readonly boundTo: string;
  /** Plain JSON. */
  readonly value: unknown;
}

/** A page that is not there or does not open, or that does not hold the row that refers to it. */
export class PageDamagedError extends Error {
  override readonly name = 'PageDamagedError';
  readonly page: number;

  constructor(page: number) {
    super(`The encrypted page ${page} of the ledger does not open, or does not hold the row that refers to it.`);
    this.page = page;
  }
}

/** What a connector's pages are bound to, besides that they are about tasks. */
type Binding = Pick<ConnectorRow, 'name' | 'vendor' | 'operation'>;

interface OpenedPage {
  readonly kind: PageKind;
  readonly entries: ReadonlyMap<number, PageEntry>;
}

/** How many opened pages are kept: neighbours are asked for one after another. */
const keptPages = 32;

/**
 * Personal data, encrypted by the page: what came in together is encrypted together, because a cipher's start costs as much as
 * encrypting several hundred people. Row and tie are encrypted with each value, so that it never answers for another row. A page of
 * tasks is bound to its connector's name, vendor and operation: under another name it does not open.
 */
export class EncryptedPages {
  readonly #store: Store;
  readonly #opened = new Map<number, OpenedPage>();
  /** Pages that did not open: every row of one would try again. */
  readonly #damaged = new Set<number>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Encrypts the entries as a new page. Returns its number. */
  async add(kind: PageKind, entries: readonly PageEntry[]): Promise<number> {
    const encrypted = encrypt(this.#store.cipher, this.#placeOf(kind), entries);
    const added = await this.#store.get<Pick<StoredPage, 'id'>>(
      'INSERT INTO encrypted_pages (kind, ciphertext) VALUES (?, ?) RETURNING id',
      kind,
      encrypted,
    );
    if (added === undefined) throw new Error('The database gave no number to a new encrypted page.');
    return added.id;
  }

  /**
   * The value of a row on a page.
   *
   * @throws PageDamagedError where the page does not open, or the row or what ties them together is another.
   * @throws LedgerError `names-changed` where the page belongs to a connector of another name.
   */
  async read(kind: PageKind, page: number, row: number, boundTo: string): Promise<unknown> {
    const known = this.#opened.get(page);
    const entries = known?.kind === kind ? known.entries : await this.#open(kind, page);
    const entry = entries.get(row);
    if (entry === undefined || !isStoredAlike(entry.boundTo, boundTo)) throw new PageDamagedError(page);
    return entry.value;
  }

  /**
   * Makes rows of a page unreadable for ever. A page that does not open goes as a whole: what is past its time must not stay, and the
   * others on it can't be read any more either.
   */
  async erase(kind: PageKind, page: number, rows: readonly number[]): Promise<void> {
    this.#opened.delete(page);
    const left = new Map(await this.#openOrNothing(kind, page));
    for (const row of rows) left.delete(row);
    this.#opened.delete(page);
    if (left.size === 0) await this.#store.run('DELETE FROM encrypted_pages WHERE id = ?', page);
    else await this.#write(page, encrypt(this.#store.cipher, this.#placeOf(kind), [...left.values()]));
  }

  /** Encrypts every page anew under another key. Returns how many could not be opened, and stay as they are. */
  async reencrypt(next: Cipher): Promise<number> {
    let damaged = 0;
    for await (const { id, kind, ciphertext } of pagesOf(this.#store)) {
      const place = this.#placeOf(kind);
      const text = decryptOrNothing(this.#store.cipher, ciphertext, place);
      if (text === undefined) damaged += 1;
      else await this.#write(id, next.encrypt(text, place));
    }
    return damaged;
  }

  /** Binds the pages of a connector to what it is from now on. What does not open as what it was before stays closed. */
  async rebind(connector: ConnectorRow, next: Binding): Promise<void> {
    const kind: PageKind = `tasks/${connector.id}`;
    for await (const { id, ciphertext } of pagesOf(this.#store, kind)) {
      const text = decryptOrNothing(this.#store.cipher, ciphertext, tasksPlace(connector));
      if (text !== undefined) await this.#write(id, this.#store.cipher.encrypt(text, tasksPlace(next)));
    }
    this.discard();
  }

  /** Forgets what was opened: it may have been changed since. */
  discard(): void {
    this.#opened.clear();
    this.#damaged.clear();
  }

  async #write(page: number, encrypted: Uint8Array): Promise<void> {
    await this.#store.run('UPDATE encrypted_pages SET ciphertext = ? WHERE id = ?', encrypted, page);
  }

  async #openOrNothing(kind: PageKind, page: number): Promise<ReadonlyMap<number, PageEntry>> {
    try {
      return await this.#open(kind, page);
    } catch (error) {
      if (error instanceof PageDamagedError) return new Map();
      throw error;
    }
  }

  async #open(kind: PageKind, page: number): Promise<ReadonlyMap<number, PageEntry>> {
    if (this.#damaged.has(page)) throw new PageDamagedError(page);
    const row = await this.#store.get<StoredPage>(
      'SELECT id, kind, ciphertext FROM encrypted_pages WHERE id = ?',
      page,
    );
    const entries = row === undefined ? undefined : open(this.#store.cipher, this.#placeOf(kind), row.ciphertext);
    if (entries === undefined) {
      if (row?.kind === kind && kind !== 'requests') this.#refuseOtherNames(kind, row);
      this.#damaged.add(page);
      throw new PageDamagedError(page);
    }
    const [oldest] = this.#opened.keys();
    if (oldest !== undefined && this.#opened.size >= keptPages) this.#opened.delete(oldest);
    this.#opened.set(page, { kind, entries });
    return entries;
  }

  // A page that opens under another name is not damaged: somebody has changed the table of connectors.
  #refuseOtherNames(kind: PageKind, { id, ciphertext }: StoredPage): void {
    const connectors = this.#store.connectors();
    const stored = connectors.find((each) => kind === `tasks/${each.id}`);
    if (stored === undefined) return;
    for (const { name } of connectors) {
      for (const { vendor, operation } of connectors) {
        const place = tasksPlace({ name, vendor, operation });
        if (decryptOrNothing(this.#store.cipher, ciphertext, place) === undefined) continue;
        throw new LedgerError(
          'names-changed',
          `The table of connectors was changed without the ledger's key: the encrypted page ${id} belongs to ${name} (${vendor} ${operation}) and stands under ${stored.name} (${stored.vendor} ${stored.operation}). Nothing was sent for it. Keep the ledger, find out who wrote to it ('expunge audit verify' says what else differs), and restore the last backup.`,
        );
      }
    }
  }

  #placeOf(kind: PageKind): string {
    if (kind === 'requests') return requestsPlace;
    const id = Number(kind.slice('tasks/'.length));
    // Without its row nothing says whose it is: then it opens nothing.
    return tasksPlace(this.#store.connector(id) ?? { name: '', vendor: '', operation: '' });
  }
}

/**
 * Binds the pages of a ledger of an older version to the names of their connectors; they were bound to the number of the
 * connector's row. Within the transaction that brings the ledger up to date.
 */
export async function rebindOlderPages(sql: Pick<Store, 'all' | 'get' | 'run'>, cipher: Cipher): Promise<void> {
  const connectors = await sql.all<ConnectorRow>('SELECT id, name, vendor, operation FROM connectors');
  for (const connector of connectors) {
    const kind: PageKind = `tasks/${connector.id}`;
    for await (const { id, ciphertext } of pagesOf(sql, kind)) {
      const text = decryptOrNothing(cipher, ciphertext, `page/${kind}`);
      if (text === undefined) continue;
      const encrypted = cipher.encrypt(text, tasksPlace(connector));
      await sql.run('UPDATE encrypted_pages SET ciphertext = ? WHERE id = ?', encrypted, id);
    }
  }
}

async function* pagesOf(sql: Pick<Store, 'get'>, kind?: PageKind): AsyncGenerator<StoredPage> {
  for (let last = 0; ; ) {
    const page = await sql.get<StoredPage>(
      `SELECT id, kind, ciphertext FROM encrypted_pages
       WHERE id > ?1 AND (CAST(?2 AS text) IS NULL OR kind = ?2) ORDER BY id LIMIT 1`,
      last,
      kind ?? null,
    );
    if (page === undefined) return;
    yield page;
    last = page.id;
  }
}

const requestsPlace = 'page/requests';

function tasksPlace({ name, vendor, operation }: Binding): string {
  return JSON.stringify(['expunge/page/v2', 'tasks', name, vendor, operation]);
}

function encrypt(cipher: Cipher, place: string, entries: readonly PageEntry[]): Uint8Array {
  return cipher.encrypt(JSON.stringify(entries.map(({ row, boundTo, value }) => [row, boundTo, value])), place);
}

function open(cipher: Cipher, place: string, encrypted: Uint8Array): ReadonlyMap<number, PageEntry> | undefined {
  const text = decryptOrNothing(cipher, encrypted, place);
  if (text === undefined) return undefined;
  // Encrypted by us: whatever opens has this form.
  const content = JSON.parse(text) as [number, string, unknown][];
  return new Map(content.map(([row, boundTo, value]) => [row, { row, boundTo, value }]));
}

function decryptOrNothing(cipher: Cipher, encrypted: Uint8Array, place: string): string | undefined {
  try {
    return cipher.decrypt(encrypted, place);
  } catch {
    return undefined;
  }
}
