import type { Sql, SqlValue } from '@expunge/engine/storage';
import type { ClientBase } from 'pg';
import { databaseErrorOf } from './database-error.ts';

// PostgreSQL plans a named statement once a connection. The names are the same in all connections of this process.
const names = new Map<string, string>();

/** Waits for what a statement answers. */
export type Answer = <Result>(statement: Promise<Result>) => Promise<Result>;

/** The queries on one connection of PostgreSQL. */
export class PostgresSql implements Sql {
  readonly #client: ClientBase;

  readonly #answer: Answer;

  constructor(client: ClientBase, answer: Answer) {
    this.#client = client;
    this.#answer = answer;
  }

  async all<Row>(text: string, ...values: SqlValue[]): Promise<Row[]> {
    const { rows } = await this.#query(text, values);
    return rows as Row[];
  }

  async get<Row>(text: string, ...values: SqlValue[]): Promise<Row | undefined> {
    const { rows } = await this.#query(text, values);
    return rows[0] as Row | undefined;
  }

  async run(text: string, ...values: SqlValue[]): Promise<{ readonly changes: number }> {
    const { rowCount } = await this.#query(text, values);
    return { changes: rowCount ?? 0 };
  }

  eachText(placeholder: string): string {
    return eachText(placeholder);
  }

  async #query(text: string, values: readonly SqlValue[]) {
    const bound = values.map(toBound);
    try {
      return await this.#answer(this.#client.query({ name: nameOf(text), text: toPostgresText(text), values: bound }));
    } catch (error) {
      throw databaseErrorOf(error);
    }
  }
}

/** A table with one column `value`, made of the JSON list that stands at a placeholder. */
export function eachText(placeholder: string): string {
  return `json_array_elements_text(CAST(${placeholder} AS json)) AS listed(value)`;
}

function nameOf(text: string): string {
  const known = names.get(text);
  if (known !== undefined) return known;
  const name = `expunge_${names.size + 1}`;
  names.set(text, name);
  return name;
}

// `pg` would write an object as JSON and a date as a time. Anything but what the interface names is a mistake of ours.
function toBound(value: SqlValue): SqlValue {
  if (value === null || typeof value === 'number' || value instanceof Uint8Array) return value;
  if (typeof value !== 'string') throw new TypeError('A value cannot be bound to a statement of the ledger.');
  // PostgreSQL's texts have no zero byte. Where a vendor or a caller sends one, a sign that stands for it is kept.
  return value.includes('\0') ? value.replaceAll('\0', '\u2400') : value;
}

const rewritten = new Map<string, string>();

// What a question mark or a hint may stand in without being one: a text, a quoted name, a comment.
const quoted = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\//.source;
const piece = new RegExp(`(${quoted})|\\?(\\d+)?|\\s+INDEXED BY \\w+`, 'g');

/**
 * A query of the ledger as PostgreSQL reads it: `?` and `?1` are `$1`, and SQLite's hint `INDEXED BY` is
 * gone. Each text is rewritten once.
 */
export function toPostgresText(text: string): string {
  const known = rewritten.get(text);
  if (known !== undefined) return known;
  let next = 0;
  const result = text.replace(piece, (found, untouched?: string, number?: string) => {
    if (untouched !== undefined) return untouched;
    if (!found.startsWith('?')) return '';
    next += 1;
    return `$${number ?? next}`;
  });
  rewritten.set(text, result);
  return result;
}
