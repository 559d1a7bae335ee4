import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { createCipher } from '../../crypto/cipher.ts';
import type { PlannedRequest } from '../ledger.ts';
import { migrate } from '../sqlite/schema.ts';
import { SqliteSql } from '../sqlite/sqlite-sql.ts';
import { interruptCall, startCalls } from './calls.ts';
import { registerConnectors } from './connectors.ts';
import { addRequests } from './import-requests.ts';
import { dueTasks } from './read-tasks.ts';
import { Store } from './store.ts';

function requestOf(person: string): PlannedRequest {
  return {
    request: {
      id: `r-${person}`,
      subject: { identifiers: [{ type: 'user_id', value: person }] },
      law: 'gdpr',
      receivedAt: '2026-01-01T00:00:00Z',
      dueAt: '2026-02-01T00:00:00Z',
    },
    tasks: [{ connector: 'memory', target: { type: 'id', value: person }, state: 'ready', reason: undefined }],
    notBefore: 0,
  };
}

async function statesOf(store: Store): Promise<unknown> {
  return store.all('SELECT state, reason, attempts FROM tasks ORDER BY id');
}

it('interrupts one call, and leaves the calls of others and what has ended as they are', async () => {
  const database = new DatabaseSync(':memory:');
  migrate(database, ':memory:');
  const secret = { digestSecret: new Uint8Array(32), signedFrom: 1 };
  const cipher = createCipher(new Uint8Array(32), secret.digestSecret);
  const store = await Store.open(new SqliteSql(database), { cipher, secret, now: () => 0 });
  await registerConnectors(store, [{ name: 'memory', vendor: 'memory', operation: 'deletion' }], 0);
  await addRequests(store, ['ada', 'bob'].map(requestOf), { importId: 1, source: null }, 0);
  const connector = store.connectorId('memory');
  const [ada, bob] = await dueTasks(store, connector, 'ready', { now: 0, limit: 2 });
  if (ada === undefined || bob === undefined) throw new Error('Somebody is not due.');
  const [cutOff] = await startCalls(store, connector, 'submit', [[ada], [bob]], 1);
  if (cutOff === undefined) throw new Error('The call did not begin.');

  expect(await interruptCall(store, cutOff, 2)).toBe(true);
  const after = [
    { state: 'in-doubt', reason: 'interrupted', attempts: 1 },
    { state: 'submitting', reason: null, attempts: 0 },
  ];
  expect(await statesOf(store)).toEqual(after);

  const head = store.audit.head;
  expect(await interruptCall(store, cutOff, 3)).toBe(false);
  expect(await statesOf(store)).toEqual(after);
  store.endStep();
  expect(store.audit.head.sequence).toBe(head.sequence + 1);
});
