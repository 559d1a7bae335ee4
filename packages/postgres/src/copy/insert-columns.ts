import type { ClientBase } from 'pg';
import type { TableColumn } from '../rows.ts';

/** The columns of a table in the ledger's schema. */
export async function readColumns(client: ClientBase, table: string): Promise<readonly TableColumn[]> {
  const { rows } = await client.query<TableColumn>(
    `SELECT attname AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute
     WHERE attrelid = CAST($1 AS regclass) AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
    [table],
  );
  return rows;
}

/** Inserts rows of another database as they are, one list of values for each column that the rows have. */
export async function insertColumns(
  client: ClientBase,
  table: string,
  columns: readonly TableColumn[],
  rows: readonly Readonly<Record<string, unknown>>[],
): Promise<void> {
  const names = Object.keys(rows[0] ?? {});
  const filled = names.map((name) => {
    const column = columns.find((each) => each.name === name);
    if (column === undefined) throw new TypeError(`The table ${table} in PostgreSQL has no column ${name}.`);
    return column;
  });
  const lists = filled.map(({ type }, index) => `CAST($${index + 1} AS ${type}[])`);
  await client.query(
    `INSERT INTO ${table} (${names.join(', ')}) SELECT * FROM unnest(${lists.join(', ')})`,
    filled.map(({ name, type }) => rows.map((row) => toValue(row[name], type))),
  );
}

function toValue(value: unknown, type: TableColumn['type']): unknown {
  if (value === null || value === undefined) return null;
  if (type === 'bytea') return typeof value === 'string' ? Buffer.from(value) : Buffer.from(value as Uint8Array);
  // As the ledger's own statements do: PostgreSQL's texts have no zero byte.
  return type === 'text' ? String(value).replaceAll('\0', '\u2400') : value;
}
