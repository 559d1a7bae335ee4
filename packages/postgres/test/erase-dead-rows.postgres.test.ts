import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { newSchema, runSql, serverUrl, stillInFiles, useOwnServer } from '../../engine/test/test-ledger.ts';
import { eraseDeadRows } from '../src/erase-dead-rows.ts';
import { openPostgresLedger } from '../src/index.ts';

useOwnServer({ max_prepared_transactions: '2' });

const key = Buffer.alloc(32, 5);
let schema: string;
let encrypted: Buffer;

beforeEach(async () => {
  schema = newSchema();
  await (await openPostgresLedger({ url: serverUrl(), schema, key })).close();
  encrypted = randomBytes(200);
  await runSql(
    `INSERT INTO ${schema}.encrypted_pages (kind, ciphertext) VALUES ('requests', '\\x${encrypted.toString('hex')}'), ('requests', '\\x00')`,
  );
});

async function connection(change: { database?: string; user?: string } = {}): Promise<Client> {
  const url = new URL(serverUrl());
  if (change.database !== undefined) url.pathname = `/${change.database}`;
  if (change.user !== undefined) url.username = change.user;
  const client = new Client({ connectionString: url.href });
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

// As the ledger does: whoever writes counts the revision up.
const discard = () =>
  runSql(
    `UPDATE ${schema}.ledger_head SET revision = revision + 1; DELETE FROM ${schema}.encrypted_pages WHERE length(ciphertext) > 1`,
  );
const isErased = () => eraseDeadRows({ url: serverUrl(), schema });
const toErase = async () => (await runSql(`SELECT to_erase FROM ${schema}.ledger_head`))[0]?.to_erase;

describe('dead rows', () => {
  it('are gone where nobody may look at them any more', async () => {
    await discard();
    expect(await stillInFiles(schema, [encrypted])).toBe(1);
    expect(await isErased()).toBe(true);
    expect(await stillInFiles(schema, [encrypted])).toBe(0);
  });

  it.each<[string, () => Promise<() => Promise<unknown>>]>([
    [
      'somebody who reads in this database',
      async () => {
        const reader = await connection();
        await reader.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1');
        return () => reader.query('COMMIT');
      },
    ],
    [
      'a user whose reading this one is not shown',
      async () => {
        const password = new URL(serverUrl()).password;
        await runSql(
          `CREATE ROLE stranger LOGIN PASSWORD '${password}'; CREATE ROLE worker LOGIN PASSWORD '${password}'`,
        );
        await runSql(
          `GRANT USAGE, CREATE ON SCHEMA ${schema} TO worker; ALTER TABLE ${schema}.encrypted_pages OWNER TO worker`,
        );
        const stranger = await connection({ user: 'stranger' });
        await stranger.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1');
        return () => stranger.query('COMMIT');
      },
    ],
    [
      'somebody who writes in another database',
      async () => {
        await runSql('CREATE DATABASE elsewhere');
        const writer = await connection({ database: 'elsewhere' });
        await writer.query('BEGIN; SELECT pg_current_xact_id()');
        return () => writer.query('COMMIT');
      },
    ],
    [
      'a transaction that is prepared and not ended',
      async () => {
        await runSql(`BEGIN; CREATE TABLE ${schema}.novelty (id int); PREPARE TRANSACTION 'left'`);
        return () => runSql(`COMMIT PREPARED 'left'`);
      },
    ],
  ])('are told to be left because of %s, and gone after it', async (what, begin) => {
    const end = await begin();
    await discard();
    const place = { url: serverUrl(), schema };
    if (what.startsWith('a user'))
      place.url = place.url.replace('postgres:', 'worker:').replace('worker://postgres:', 'postgres://worker:');
    expect(await eraseDeadRows(place)).toBe(false);
    expect(await stillInFiles(schema, [encrypted])).toBe(1);
    await end();
    expect(await eraseDeadRows(place)).toBe(true);
    expect(await stillInFiles(schema, [encrypted])).toBe(0);
  });

  it('are not kept by somebody who only reads in another database', async () => {
    await runSql('CREATE DATABASE besides');
    const reader = await connection({ database: 'besides' });
    await reader.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1');
    await discard();
    expect(await isErased()).toBe(true);
    expect(await stillInFiles(schema, [encrypted])).toBe(0);
  });

  it('are never told to be gone while they are there, whoever comes and goes', async () => {
    let isOver = false;
    const noise = [1, 2, 3].map(async () => {
      const client = await connection();
      while (!isOver) {
        await client.query(
          'BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT pg_current_xact_id(); SELECT pg_sleep(0.002); COMMIT',
        );
      }
    });
    const told: boolean[] = [];
    for (let round = 0; round < 25; round += 1) {
      const page = randomBytes(200 + (round % 2) * 9000);
      await runSql(
        `INSERT INTO ${schema}.encrypted_pages (kind, ciphertext) VALUES ('requests', '\\x${page.toString('hex')}')`,
      );
      await discard();
      told.push(await isErased());
      if (told.at(-1) === true) expect(await stillInFiles(schema, [page.subarray(0, 100)])).toBe(0);
    }
    isOver = true;
    await Promise.all(noise);
    // Short transactions are waited for.
    expect(told.filter(Boolean).length).toBeGreaterThan(20);
  });
});

describe('that something is to be erased', () => {
  it('is noted in the transaction that forgets, for whoever comes after a process that ended right then', async () => {
    expect(await toErase()).toBe(0);
    await discard();
    expect(await toErase()).not.toBe(0);
    const next = await openPostgresLedger({ url: serverUrl(), schema, key });
    onTestFinished(() => next.close());
    expect(await next.erase(0)).toEqual({ requests: 0, isErased: true });
    expect(await stillInFiles(schema, [encrypted])).toBe(0);
    expect(await toErase()).toBe(0);
  });

  it('stays noted where another process has forgotten somebody meanwhile', async () => {
    const reader = await connection();
    await discard();
    const ledger = await openPostgresLedger({ url: serverUrl(), schema, key });
    onTestFinished(() => ledger.close());
    await reader.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1');
    // It waits for the reader, and has looked at what is noted before.
    const first = ledger.erase(0);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await runSql(
      `UPDATE ${schema}.ledger_head SET revision = revision + 1; UPDATE ${schema}.encrypted_pages SET ciphertext = '\\x01'`,
    );
    const noted = await toErase();
    await reader.query('COMMIT');
    expect(await first).toEqual({ requests: 0, isErased: true });
    expect(await toErase()).toBe(noted);
  });
});
