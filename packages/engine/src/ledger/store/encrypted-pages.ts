import type { Cipher } from '../../crypto/cipher.ts';
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

/** Whose rows a page is about: requests, or the tasks of one connector. A page opened as one of another kind fails. */
export type PageKind = 'requests' | `tasks/${number}`;

interface OpenedPage {
  readonly kind: PageKind;
  readonly entries: ReadonlyMap<number, PageEntry>;
}

/** How many opened pages are kept: neighbours are asked for one after another. */
const keptPages = 32;

/**
 * Personal data, encrypted by the page: what came in together is encrypted together, because a cipher's start costs as much as
 * encrypting several hundred people. Row and tie are encrypted with each value, so that it never answers for another row.
 */
export class EncryptedPages {
  readonly #store: Store;
  readonly #opened = new Map<number, OpenedPage>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Encrypts the entries as a new page. Returns its number. */
  async add(kind: PageKind, entries: readonly PageEntry[]): Promise<number> {
    const encrypted = encrypt(this.#store.cipher, kind, entries);
    const added = await this.#store.get<{ id: number }>(
      'INSERT INTO encrypted_pages (kind, ciphertext) VALUES (?, ?) RETURNING id',
      kind,
      encrypted,
    );
    if (added === undefined) throw new Error('The database gave no number to a new encrypted page.');
    return added.id;
  }

  /** The value of a row on a page. Throws where the page, the row or what ties them together is another. */
  async read(kind: PageKind, page: number, row: number, boundTo: string): Promise<unknown> {
    const known = this.#opened.get(page);
    const entries = known?.kind === kind ? known.entries : await this.#open(kind, page);
    const entry = entries.get(row);
    if (entry?.boundTo !== boundTo) throw new Error('An encrypted page does not hold the row that refers to it.');
    return entry.value;
  }

  /** Makes rows of a page unreadable for ever. */
  async erase(kind: PageKind, page: number, rows: readonly number[]): Promise<void> {
    this.#opened.delete(page);
    const left = new Map(await this.#open(kind, page));
    for (const row of rows) left.delete(row);
    this.#opened.delete(page);
    if (left.size === 0) await this.#store.run('DELETE FROM encrypted_pages WHERE id = ?', page);
    else await this.#write(page, encrypt(this.#store.cipher, kind, [...left.values()]));
  }

  /** Encrypts every page anew under another key. */
  async reencrypt(next: Cipher): Promise<void> {
    for (let last = 0; ; ) {
      const page = await this.#store.get<{ id: number; kind: PageKind; ciphertext: Uint8Array }>(
        'SELECT id, kind, ciphertext FROM encrypted_pages WHERE id > ? ORDER BY id LIMIT 1',
        last,
      );
      if (page === undefined) return;
      const place = placeOf(page.kind);
      await this.#write(page.id, next.encrypt(this.#store.cipher.decrypt(page.ciphertext, place), place));
      last = page.id;
    }
  }

  /** Forgets what was opened: it may have been changed since. */
  discard(): void {
    this.#opened.clear();
  }

  async #write(page: number, encrypted: Uint8Array): Promise<void> {
    await this.#store.run('UPDATE encrypted_pages SET ciphertext = ? WHERE id = ?', encrypted, page);
  }

  async #open(kind: PageKind, page: number): Promise<ReadonlyMap<number, PageEntry>> {
    const row = await this.#store.get<{ ciphertext: Uint8Array }>(
      'SELECT ciphertext FROM encrypted_pages WHERE id = ?',
      page,
    );
    if (row === undefined) throw new Error('A row of the ledger refers to an encrypted page that is not there.');
    const entries = open(this.#store.cipher, kind, row.ciphertext);
    const [oldest] = this.#opened.keys();
    if (oldest !== undefined && this.#opened.size >= keptPages) this.#opened.delete(oldest);
    this.#opened.set(page, { kind, entries });
    return entries;
  }
}

function encrypt(cipher: Cipher, kind: PageKind, entries: readonly PageEntry[]): Uint8Array {
  return cipher.encrypt(JSON.stringify(entries.map(({ row, boundTo, value }) => [row, boundTo, value])), placeOf(kind));
}

function open(cipher: Cipher, kind: PageKind, encrypted: Uint8Array): ReadonlyMap<number, PageEntry> {
  const content = JSON.parse(cipher.decrypt(encrypted, placeOf(kind))) as [number, string, unknown][];
  return new Map(content.map(([row, boundTo, value]) => [row, { row, boundTo, value }]));
}

function placeOf(kind: PageKind): string {
  return `page/${kind}`;
}
