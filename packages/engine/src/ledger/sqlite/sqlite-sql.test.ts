import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { SqliteSql } from './sqlite-sql.ts';

it('lets others have a turn between statements that take long', async () => {
  const sql = new SqliteSql(new DatabaseSync(':memory:'));
  let turns = 0;
  let isOver = false;
  const count = () => {
    turns += 1;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  const long =
    'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) SELECT max(i) AS i FROM n';
  for (let time = 0; time < 5; time += 1) {
    expect(await sql.get(long)).toEqual({ i: 200_000 });
  }
  isOver = true;
  expect(turns).toBeGreaterThanOrEqual(4);
});
