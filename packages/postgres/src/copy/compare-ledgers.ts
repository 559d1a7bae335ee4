import { isDeepStrictEqual } from 'node:util';
import { checkChainStream, type Ledger, type LedgerSummary } from '@expunge/engine';
import type { Store } from '@expunge/engine/storage';
import type { SqliteColumn } from '../rows.ts';

const mostDifferences = 20;

/** Asks two ledgers for everything that they can tell, and says where their answers differ: sentences without personal data. */
export async function compareLedgers(one: Ledger, other: Ledger, now: number): Promise<readonly string[]> {
  const differences: string[] = [];
  const compare = (what: string, first: unknown, second: unknown) => {
    const isAlike = isDeepStrictEqual(first, second) || isDeepStrictEqual(asCopied(first), asCopied(second));
    if (!isAlike) differences.push(`They differ in ${what}.`);
  };
  compare('their summaries', await summaryOf(one, now), await summaryOf(other, now));
  compare('their legal holds', await one.holds(), await other.holds());
  compare('the heads of their audit logs', await one.auditHead(), await other.auditHead());
  compare('what their audit logs are worth', await verdictOf(one), await verdictOf(other));
  compare('the key that certificates are signed with', one.sign('').publicKey, other.sign('').publicKey);
  const theirs = other.requests({ identifiers: true })[Symbol.asyncIterator]();
  for await (const request of one.requests({ identifiers: true })) {
    const { value } = await theirs.next();
    compare(`the request ${request.request.requestId}`, request, value);
    if (differences.length >= mostDifferences) break;
  }
  if (differences.length < mostDifferences && (await theirs.next()).done !== true) {
    differences.push('The copy has more requests.');
  }
  await theirs.return?.();
  return differences;
}

async function verdictOf(ledger: Ledger): Promise<unknown> {
  return checkChainStream(ledger.auditEntries());
}

// PostgreSQL's texts have no zero byte: a sign stands for it there.
function asCopied(value: unknown): unknown {
  const text: string | undefined = JSON.stringify(value);
  return text === undefined ? undefined : JSON.parse(text.replaceAll('\\u0000', '\u2400'));
}

// Reasons with equal counts stand in any order.
async function summaryOf(ledger: Ledger, now: number): Promise<LedgerSummary> {
  const { requests, connectors } = await ledger.summary(now);
  const inOrder = connectors.map((connector) => ({
    ...connector,
    reasons: connector.reasons.toSorted((a, b) => (`${a.state} ${a.reason}` < `${b.state} ${b.reason}` ? -1 : 1)),
    unread: connector.unread.toSorted((a, b) => (a.reason < b.reason ? -1 : 1)),
  }));
  return { requests, connectors: inOrder };
}

const rowsPerBatch = 2000;

/**
 * Compares a ledger in SQLite with its copy row by row: every table and column that the file has, whichever they are.
 * Says where they differ, without what stands there.
 */
export async function compareTables(file: Store, copy: Store): Promise<readonly string[]> {
  const tables = await file.all<{ name: string }>(
    `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name`,
  );
  const differences: string[] = [];
  for (const { name } of tables) {
    if (!(await areAlike(file, copy, name))) differences.push(`They differ in the table ${name}.`);
  }
  return differences;
}

async function areAlike(file: Store, copy: Store, table: string): Promise<boolean> {
  const columns = await file.all<SqliteColumn>('SELECT name, pk FROM pragma_table_info(?) ORDER BY pk, cid', table);
  const names = columns.map(({ name }) => name).join(', ');
  const keys = columns.filter(({ pk }) => pk > 0).map(({ name }) => name);
  const [key] = keys;
  // Long tables are numbered; the others are as long as there are connectors, holds and states.
  const isNumbered = keys.length === 1 && (key === 'id' || key === 'sequence');
  if (!isNumbered) {
    const text = `SELECT ${names} FROM ${table}`;
    return isDeepStrictEqual(sorted(await file.all(text)), sorted(await copy.all(text)));
  }
  const text = `SELECT ${names} FROM ${table} WHERE ${key} > ? ORDER BY ${key} LIMIT ${rowsPerBatch}`;
  for (let last = -1; ; ) {
    const rows = await file.all<Record<string, unknown>>(text, last);
    const copied = await copy.all<Record<string, unknown>>(text, last);
    if (!isDeepStrictEqual(rows.map(plain), copied.map(plain))) return false;
    if (rows.length < rowsPerBatch) return true;
    last = Number(rows.at(-1)?.[key ?? '']);
  }
}

// Databases have orders of texts of their own.
function sorted(rows: readonly Record<string, unknown>[]): readonly string[] {
  return rows.map((row) => JSON.stringify(plain(row))).sort();
}

// As they are copied: bytes as bytes, and without zero bytes in texts, which PostgreSQL does not have.
function plain(row: Record<string, unknown>): readonly unknown[] {
  return Object.values(row).map((value) => {
    if (typeof value === 'string') return value.replaceAll('\0', '\u2400');
    return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value;
  });
}
