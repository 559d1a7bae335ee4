import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { createCipher } from '../../crypto/cipher.ts';
import { migrate } from '../sqlite/schema.ts';
import { SqliteSql } from '../sqlite/sqlite-sql.ts';
import { addRequests } from './import-requests.ts';
import { Store } from './store.ts';
import { readImportSummary } from './summaries.ts';

it('counts a list by the part as it counts it at once', async () => {
  const database = new DatabaseSync(':memory:');
  migrate(database, ':memory:');
  const secret = { digestSecret: new Uint8Array(32), signedFrom: 1 };
  const cipher = createCipher(new Uint8Array(32), secret.digestSecret);
  const store = await Store.open(new SqliteSql(database), { cipher, secret, now: () => 0 });
  await store.run(`INSERT INTO connectors (name, vendor, operation) VALUES ('memory', 'memory', 'x')`);
  await store.readConnectors();
  const add = (from: number, count: number, importId: number) => {
    const planned = Array.from({ length: count }, (_, index) => ({
      request: {
        id: `r-${from + index}`,
        subject: { identifiers: [{ type: 'user_id', value: `${from + index}` }] },
        law: 'gdpr' as const,
        receivedAt: '2026-01-01T00:00:00Z',
        dueAt: '2026-02-01T00:00:00Z',
      },
      tasks: [
        {
          connector: 'memory',
          target: { type: 'id', value: `${from + index}` },
          state: index % 3 === 0 ? ('pre-read' as const) : ('ready' as const),
          reason: undefined,
        },
      ],
      notBefore: 0,
    }));
    return addRequests(store, planned, { importId, source: null }, 0);
  };
  await add(0, 5, 1);
  await add(5, 12, 2);
  await add(17, 4, 3);
  const whole = await readImportSummary(store, 2);
  expect(whole.connectors).toMatchObject([{ connector: 'memory', states: { 'pre-read': 4, ready: 8 } }]);
  for (const atOnce of [1, 4, 5, 12, 13]) expect(await readImportSummary(store, 2, atOnce)).toEqual(whole);
  expect((await readImportSummary(store, 4)).connectors).toEqual([]);
});
