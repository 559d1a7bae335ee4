import type { Identifier } from '@expunge/core';
import { expect, it } from 'vitest';
import type { IncomingRequest } from '../src/engine/engine.ts';
import { AutoClock } from './auto-clock.ts';
import { MemoryVendor } from './memory-vendor.ts';
import { openSetting, requestFor } from './setting.ts';

/** An account that has none of these people, after one list of them. `reads`: whether they are looked for before. */
async function deleteNobody(requests: readonly IncomingRequest[], reads: boolean) {
  const clock = new AutoClock();
  const vendor = new MemoryVendor({ clock, canVerify: true });
  const verify = reads ? 'before-and-after' : 'off';
  const { engine, ledger, events } = await openSetting([{ name: 'memory', connector: vendor.connector, verify }], {
    clock,
  });
  const { importId } = await engine.accept(requests);
  await engine.run({ waitAtMostMs: Number.POSITIVE_INFINITY });
  const [inAll] = (await ledger.summary()).connectors;
  const [inList] = (await ledger.importSummary(importId)).connectors;
  const told = events.flatMap((event) => (event.type === 'none-found' ? [event.people] : []));
  return { inAll: inAll?.noneFound, inList: inList?.noneFound, told };
}

const people = (count: number, identifiersOf: (name: string) => readonly Identifier[]) =>
  Array.from({ length: count }, (_, index) =>
    requestFor(`p${index}`, { subject: { identifiers: [...identifiersOf(`p${index}`)] } }),
  );
const withDevices = (count: number) => (name: string) => [
  { type: 'user_id', value: name },
  ...Array.from({ length: count }, (_, index) => ({ type: 'device_id', value: `${name}-${index}` })),
];

it.each([true, false])('counts people, and not what is known of each of them (looked up before: %s)', async (reads) => {
  expect(await deleteNobody(people(1, withDevices(20)), reads)).toEqual({
    inAll: undefined,
    inList: undefined,
    told: [],
  });
  expect(await deleteNobody(people(11, withDevices(2)), reads)).toEqual({
    inAll: 11,
    inList: 11,
    told: reads ? [expect.any(Number)] : [],
  });
});

it('counts a person once who asks again and again', async () => {
  const again = Array.from({ length: 15 }, (_, index) => requestFor('ada', { id: `r-${index}` }));
  expect(await deleteNobody(again, true)).toEqual({ inAll: undefined, inList: undefined, told: [] });
});
