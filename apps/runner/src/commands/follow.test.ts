import type { ConnectorSummary, Ledger } from '@expunge/engine';
import { expect, it } from 'vitest';
import { fakeEnvironment, fakeNow } from '../../test/fake-environment.ts';
import { summaryOf } from '../../test/summaries.ts';
import { createContext } from './command-context.ts';
import { follow } from './follow.ts';

type Look = readonly ConnectorSummary[];

const at = (ms: number) => new Date(fakeNow + ms).toISOString();
const ready = (count: number, nextAt = at(0)): Look => [
  summaryOf('a', { states: { ready: count, deleted: 10 - count }, nextAt }),
];

const counts = { total: 10, settled: 0, undone: 0, calledBack: 0, nothingSent: 0 };

/** Follows what a ledger says, look by look; the last one stays. */
async function followed(looks: readonly Look[], waitAtMostMs = 30_000, stopAtLook?: number) {
  const processEnvironment = fakeEnvironment();
  let now = fakeNow;
  let looked = 0;
  const look = async () => {
    looked += 1;
    if (looked === stopAtLook) processEnvironment.stop.abort();
    return looks[Math.min(looked, looks.length) - 1] ?? [];
  };
  const ledger = {
    importSummary: async () => ({ connectors: await look(), requests: counts }),
    cutOffImports: async () => [],
    setAside: async () => ({ tasks: 0, requests: [] }),
    summary: async () => ({ requests: { ...counts, overdue: 0 }, connectors: [] }),
  } as Partial<Ledger> as Ledger;
  const clock = {
    now: () => now,
    sleep: async (ms: number) => {
      now += ms;
    },
  };
  const end = await follow(createContext(processEnvironment, {}), { ledger, clock }, { importId: 1, waitAtMostMs });
  return { end, looked, tookMs: now - fakeNow, messages: processEnvironment.messages.text };
}

it('ends when all is settled', async () => {
  const { end, looked, messages } = await followed([ready(10), ready(4), ready(0)]);
  expect(looked).toBe(3);
  expect(end).toMatchObject({ wasStopped: false, connectors: [{ states: { deleted: 10 } }] });
  expect(messages).toContain('a: 10 of 10 settled');
});

it('ends at once when all that is open waits for longer than it would, or is paused, or for somebody', async () => {
  const paused = { code: 'credentials-rejected', message: 'x', at: at(0) };
  const looks: Look = [
    summaryOf('a', { states: { waiting: 1 }, nextAt: at(31_000) }),
    summaryOf('b', { states: { ready: 1 }, nextAt: at(0), paused }),
    summaryOf('c', { states: { ready: 1 } }),
  ];
  expect(await followed([looks])).toMatchObject({ looked: 1, messages: expect.not.stringContaining('worker') });
});

it('stays for what becomes due soon enough, and for calls in flight', async () => {
  const soon: Look = [summaryOf('a', { states: { waiting: 1 }, nextAt: at(10_000) })];
  const sending: Look = [summaryOf('a', { states: { submitting: 1 } })];
  expect(await followed([soon, sending, ready(0)])).toMatchObject({ looked: 3 });
});

it('ends when nothing moves although something is due, and asks for a worker', async () => {
  const { end, tookMs, messages } = await followed([ready(10), ready(9)], 30_000);
  expect(end.wasStopped).toBe(false);
  expect(tookMs).toBe(31_000);
  expect(messages).toContain('Is a worker running ("expunge work")?');
});

it('stops when told to, and says that the work goes on', async () => {
  const { end, looked, messages } = await followed([ready(10)], Number.POSITIVE_INFINITY, 3);
  expect({ looked, wasStopped: end.wasStopped }).toEqual({ looked: 3, wasStopped: true });
  expect(messages).toContain('No longer following. The workers go on');
});
