import { expect, it } from 'vitest';
import type { PlannedRequest } from '../src/ledger/ledger.ts';
import type { RequestWithTasks } from '../src/ledger/reports.ts';
import { openSqliteLedger } from '../src/ledger/sqlite/open-sqlite-ledger.ts';

function requestOf(person: number, connector: string): PlannedRequest {
  return {
    request: {
      id: `r-${person}`,
      subject: { identifiers: [{ type: 'user_id', value: `${person}` }] },
      law: 'gdpr',
      receivedAt: '2026-01-01T00:00:00Z',
      dueAt: '2026-02-01T00:00:00Z',
    },
    tasks: [{ connector, target: { type: 'id', value: `${person}` }, state: 'ready', reason: undefined }],
    notBefore: 0,
  };
}

it('no read sees what an open transaction has written', async () => {
  // Asked for the time in the middle of a transaction, the clock looks at the ledger.
  let look: (() => void) | undefined;
  const clock = {
    now: () => {
      look?.();
      return 0;
    },
    sleep: async () => {},
  };
  const ledger = await openSqliteLedger({ path: ':memory:', clock });
  await ledger.begin([{ name: 'memory', vendor: 'memory', operation: 'deletion' }], 0);
  const seen: Promise<RequestWithTasks | undefined>[] = [];
  look = () => {
    if (seen.length === 0) seen.push(ledger.request('r-0'));
  };
  // The last one fails after the first five hundred have been written.
  const requests = Array.from({ length: 501 }, (_, person) => requestOf(person, person < 500 ? 'memory' : 'unknown'));
  await expect(ledger.importRequests(requests, { isEnd: true }, 0)).rejects.toThrow('does not know the connector');
  expect(seen).toHaveLength(1);
  expect(await Promise.all(seen)).toEqual([undefined]);

  look = undefined;
  expect(ledger.counts('memory')).toEqual({});
  expect((await ledger.auditHead()).sequence).toBe(0);
  await ledger.importRequests(requests.slice(0, 2), { isEnd: true }, 0);
  expect(ledger.counts('memory')).toEqual({ ready: 2 });
  expect((await ledger.request('r-0'))?.tasks).toHaveLength(1);
  await ledger.close();
});

it('a ledger that is closed commits the writes and completes the reads that were started', async () => {
  const ledger = await openSqliteLedger({ path: ':memory:' });
  await ledger.begin([{ name: 'memory', vendor: 'memory', operation: 'deletion' }], 0);
  const added = ledger.importRequests([requestOf(0, 'memory')], { isEnd: true }, 0);
  const read = ledger.request('r-0');
  const closed = ledger.close();
  expect(await added).toMatchObject({ results: [{ type: 'added', isSettled: false }] });
  await read;
  await closed;
});
