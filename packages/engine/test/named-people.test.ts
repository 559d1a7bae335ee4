import { type CheckOutcome, ConnectorError, type DeletionConnector, type Receipt } from '@expunge/core';
import { expect, it } from 'vitest';
import { AutoClock } from './auto-clock.ts';
import { MemoryVendor } from './memory-vendor.ts';
import { allTasks, openSetting, requestFor } from './setting.ts';
import { textOfLedger } from './test-ledger.ts';

// A connector that is asked about a job is given no person, and may name one all the same: with what the vendor said.

const person = 'ada+lovelace-1815';
const elsewhere = 'user-77';
const failing = (message: string, vendorStatus?: string) => async (): Promise<never> => {
  throw new ConnectorError({ code: 'response-unexpected', vendor: 'memory', message, vendorStatus });
};
const saying = (outcome: CheckOutcome) => ({ check: async () => outcome });
const partial = (name: string, vendorStatus: string) =>
  saying({ state: 'partial', vendorStatus: 'HALF', parts: [{ name, state: 'failed', vendorStatus }] });

const asked: Record<string, Partial<DeletionConnector>> = {
  'in the error of a check': { check: failing(`No job for ${person.toUpperCase()}.`) },
  'in the error of a check, as a URL writes it': { check: failing(`GET /jobs?of=${encodeURIComponent(person)}`) },
  'in the code of an error': { check: failing('No such job.', elsewhere) },
  'in the error of a cancellation': { cancel: failing(`No job for ${person}.`) },
  'in what it throws at a cancellation': {
    cancel: async () => {
      throw new Error(person);
    },
  },
  'in place of an answer to a cancellation': { cancel: async () => JSON.parse(JSON.stringify({ type: person })) },
  'in the word of a job under way': saying({ state: 'pending', vendorStatus: elsewhere }),
  'in the word of a job that is done': saying({ state: 'deleted', vendorStatus: elsewhere }),
  'in the word of a job that failed': saying({ state: 'failed', vendorStatus: elsewhere, canSubmitAgain: false }),
  'in the word of a lost job': saying({ state: 'lost', vendorStatus: elsewhere }),
  'in the name of a part': partial(`List of ${person}`, 'NO'),
  'in the word of a part': partial('List', elsewhere),
};

it.each(Object.keys(asked))('redacts personal data in events and ledger where a connector puts it %s', async (how) => {
  const clock = new AutoClock();
  const vendor = new MemoryVendor({ clock, mode: 'polled', canCancel: true, maxTargets: 2 });
  const connector = { ...vendor.connector, ...asked[how] };
  const { engine, ledger, events, path, close } = await openSetting([{ name: 'memory', connector }], { clock });
  const subject = { identifiers: [person, elsewhere].map((value) => ({ type: 'user_id', value })) };
  await engine.accept([requestFor('x', { subject })]);
  await engine.run({ waitAtMostMs: 3_600_000 });
  if (how.includes('cancellation'))
    expect(await engine.cancel('r-x')).toEqual({ cancelled: 0, tooLate: 2, inDoubt: 0 });
  const said = JSON.stringify([events, await allTasks(ledger)]);
  await close();
  expect(said).not.toMatch(/lovelace|user-77/i);
  expect(await textOfLedger(path)).not.toMatch(/lovelace|user-77/i);
  // Something was said; and what was left out is said to have been.
  expect(said).toMatch(/left[- ]out|broke its contract/);
});

it('acts on what a connector says, and keeps each word without personal data', async () => {
  const clock = new AutoClock();
  const vendor = new MemoryVendor({ clock, mode: 'polled' });
  const words = ['RUNNING', 'RUNNING', elsewhere, 'RUNNING'];
  const connector: DeletionConnector = {
    ...vendor.connector,
    check: async (_receipt: Receipt) => {
      const vendorStatus = words.shift();
      return vendorStatus === undefined
        ? { state: 'partial', vendorStatus: 'HALF', parts: [{ name: 'List', state: 'failed', vendorStatus: 'NO' }] }
        : { state: 'pending', vendorStatus };
    },
  };
  const { engine, ledger } = await openSetting([{ name: 'memory', connector }], { clock });
  await engine.accept([requestFor(elsewhere)]);
  await engine.run({ waitAtMostMs: Number.POSITIVE_INFINITY });
  expect(words).toEqual([]);
  expect(await allTasks(ledger)).toMatchObject([
    {
      state: 'partial',
      vendorStatus: 'HALF',
      parts: [{ name: 'List', state: 'failed', vendorStatus: 'NO' }],
    },
  ]);
});
