import type { Ledger, PlannedRequest } from '../src/ledger/ledger.ts';

/** Takes one person in, without an engine. What became of it: `added`, or `known`. */
export async function addPerson(ledger: Ledger, id: string): Promise<string | undefined> {
  const request: PlannedRequest['request'] = {
    id,
    subject: { identifiers: [{ type: 'user_id', value: id }] },
    law: 'gdpr',
    receivedAt: '2026-01-05T00:00:00.000Z',
    dueAt: '2026-02-05T00:00:00.000Z',
  };
  const task = { connector: 'memory', target: { type: 'id', value: id }, state: 'ready', reason: undefined } as const;
  const planned = [{ request, tasks: [task], notBefore: 0 }];
  const { results } = await ledger.importRequests(planned, { isEnd: true }, Date.now());
  return results[0]?.type;
}
