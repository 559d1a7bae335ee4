import type { DeletionConnector } from '@expunge/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AutoClock } from './auto-clock.ts';
import { MemoryVendor } from './memory-vendor.ts';
import { openSetting, requestFor } from './setting.ts';
import { beginReading, encryptedBytes, openTestLedger, stillInFiles, useOwnServer } from './test-ledger.ts';

const hour = 3_600_000;
const day = 24 * hour;
const forever = { waitAtMostMs: Number.POSITIVE_INFINITY };

useOwnServer();

describe('erasing identifiers', () => {
  it('is done during a long run, not only at its end', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock, mode: 'polled', jobMs: 10 * day });
    const known: boolean[] = [];
    const connector: DeletionConnector = {
      ...vendor.connector,
      async check(receipt, targets) {
        known.push((await ledger.request('r-ada', { identifiers: true }))?.identifiers !== undefined);
        return (await vendor.connector.check?.(receipt, targets)) ?? { state: 'lost', vendorStatus: 'LOST' };
      },
    };
    const { engine, ledger } = await openSetting([{ name: 'memory', connector }], { clock, retentionMs: 2 * day });
    await engine.accept([requestFor('ada')]);
    await engine.run(forever);
    known.length = 0;
    await engine.accept([requestFor('bob')]);
    await engine.run(forever);
    expect(known[0]).toBe(true);
    expect(known.at(-1)).toBe(false);
    expect((await ledger.request('r-bob', { identifiers: true }))?.identifiers).toHaveLength(1);
  });

  it('waits for a second look at the clock: one run with the clock years ahead erases nobody', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock });
    const options = { clock, retentionMs: 30 * day };
    const { engine, ledger, path, close } = await openSetting(
      [{ name: 'memory', connector: vendor.connector }],
      options,
    );
    const isKnown = async () => (await ledger.request('r-ada', { identifiers: true }))?.identifiers !== undefined;
    await engine.accept([requestFor('ada')]);
    await engine.run();
    const rightNow = clock.now();
    clock.set(rightNow + 4 * 365 * day);
    await engine.run();
    await engine.run();
    expect(await isKnown()).toBe(true);
    // The clock is right again.
    clock.set(rightNow + day);
    await engine.run();
    await close();
    const again = await openSetting([{ name: 'memory', connector: vendor.connector }], { ...options, path });
    const known = async () => (await again.ledger.request('r-ada', { identifiers: true }))?.identifiers !== undefined;
    for (const nights of [2, 29, 30]) {
      clock.set(rightNow + nights * day);
      await again.engine.run();
      expect(await known()).toBe(true);
    }
    clock.set(rightNow + 31 * day);
    await again.engine.run();
    expect(await known()).toBe(false);
  });

  it('needs twelve hours between the two looks, and less where less is kept', async () => {
    for (const [retentionMs, apartMs] of [
      [30 * day, 12 * hour],
      [hour, hour],
    ] as const) {
      const clock = new AutoClock();
      const vendor = new MemoryVendor({ clock });
      const connectors = [{ name: 'memory', connector: vendor.connector }];
      const { engine, ledger } = await openSetting(connectors, { clock, retentionMs });
      const isKnown = async () => (await ledger.request('r-ada', { identifiers: true }))?.identifiers !== undefined;
      await engine.accept([requestFor('ada')]);
      await engine.run();
      const dueAt = clock.now() + retentionMs + day;
      clock.set(dueAt);
      await engine.run();
      clock.set(dueAt + apartMs - 1);
      await engine.run();
      expect(await isKnown()).toBe(true);
      clock.set(dueAt + apartMs);
      await engine.run();
      expect(await isKnown()).toBe(false);
    }
  });

  it('is done at once where nothing is to be kept', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock });
    const { engine, ledger, path } = await openSetting([{ name: 'memory', connector: vendor.connector }], {
      clock,
      retentionMs: 0,
    });
    await engine.accept([requestFor('ada')]);
    const encrypted = await encryptedBytes(path, 'r-ada');
    expect(encrypted).toHaveLength(2);
    expect(await stillInFiles(path, encrypted)).toBe(2);
    await engine.run();
    expect((await ledger.request('r-ada', { identifiers: true }))?.identifiers).toBeUndefined();
    expect(await stillInFiles(path, encrypted)).toBe(0);
  });

  it('leaves the open requests of the same encrypted page readable', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock, maxTargets: 1, callsInFlight: 1 });
    const { engine, ledger, path } = await openSetting([{ name: 'memory', connector: vendor.connector }], {
      clock,
      retentionMs: 0,
    });
    await engine.accept([requestFor('ada'), requestFor('bob')]);
    const together = await encryptedBytes(path, 'r-ada');
    expect(await encryptedBytes(path, 'r-bob')).toEqual(together);
    vendor.faults.push(undefined, { code: 'credentials-rejected' });
    await engine.run();
    expect((await ledger.request('r-ada', { identifiers: true }))?.identifiers).toBeUndefined();
    expect((await ledger.request('r-bob', { identifiers: true }))?.identifiers).toEqual([
      { type: 'user_id', value: 'bob' },
    ]);
    expect(await stillInFiles(path, together)).toBe(0);
    await engine.run();
    expect(vendor.submits().map((call) => call.values)).toEqual([['ada'], ['bob'], ['bob']]);
    expect((await ledger.request('r-bob', { identifiers: true }))?.identifiers).toBeUndefined();
  });

  it('does not stop a reader in the middle of the list', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock });
    const { engine, ledger, path } = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
    for (const person of ['ada', 'bob', 'eve']) await engine.accept([requestFor(person)]);
    await engine.run();
    const reader = await openTestLedger(path, { readOnly: true, clock });
    onTestFinished(() => reader.close());
    const seen: string[] = [];
    for await (const { request } of reader.requests({ identifiers: true })) {
      if (seen.length === 0) expect(await ledger.erase(clock.now())).toMatchObject({ requests: 3 });
      seen.push(request.requestId);
    }
    expect(seen).toEqual(['r-ada', 'r-bob', 'r-eve']);
    expect((await reader.request('r-eve', { identifiers: true }))?.identifiers).toBeUndefined();
  });

  it('that a reader keeps from reaching the files is reported, and finished by a later run, of another process too', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock });
    const connectors = [{ name: 'memory', connector: vendor.connector }];
    const first = await openSetting(connectors, { clock, retentionMs: 0 });
    const { path } = first;
    await first.engine.accept([requestFor('ada')]);
    const encrypted = await encryptedBytes(path, 'r-ada');
    const stopReading = await beginReading(path);
    await first.engine.run();
    expect(first.events).toContainEqual({ type: 'erasure-unfinished' });
    expect(await stillInFiles(path, encrypted)).toBeGreaterThan(0);
    await first.close();
    expect(await stillInFiles(path, encrypted)).toBeGreaterThan(0);
    await stopReading();

    const again = await openSetting(connectors, { clock, path, retentionMs: 0 });
    await again.engine.run();
    expect(again.events).toEqual([]);
    expect(await stillInFiles(path, encrypted)).toBe(0);
  });

  it('that a reader keeps from reaching the files is tried again each hour by a long run', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock, mode: 'polled', jobMs: day / 6 });
    let stopReading: (() => Promise<void>) | undefined;
    const left: number[] = [];
    let beganAt = Number.POSITIVE_INFINITY;
    let encrypted: Buffer[] = [];
    const connector: DeletionConnector = {
      ...vendor.connector,
      async check(receipt, targets) {
        left.push(await stillInFiles(path, encrypted));
        if (clock.now() > beganAt + 1.5 * hour) {
          await stopReading?.();
          stopReading = undefined;
        }
        return (await vendor.connector.check?.(receipt, targets)) ?? { state: 'lost', vendorStatus: 'LOST' };
      },
    };
    const { engine, events, path } = await openSetting([{ name: 'memory', connector }], { clock, retentionMs: day });
    await engine.accept([requestFor('ada')]);
    await engine.run(forever);
    encrypted = await encryptedBytes(path, 'r-ada');
    await clock.sleep(day);
    // The first look at the clock.
    await engine.run();
    await clock.sleep(day);
    await engine.accept([requestFor('bob')]);
    stopReading = await beginReading(path);
    left.length = 0;
    beganAt = clock.now();
    await engine.run(forever);
    // Ada was erased when the run began; her rows were kept until the reader had gone, and no longer.
    expect(left[0]).toBe(encrypted.length);
    expect(left.at(-1)).toBe(0);
    // The second time that it could not be done.
    expect(events).toEqual([{ type: 'erasure-unfinished' }]);
  });

  it('of what an old key opens is reported as well, where a reader prevents it', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock });
    const { engine, ledger, path } = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
    await engine.accept([requestFor('ada')]);
    const encrypted = await encryptedBytes(path, 'r-ada');
    const stopReading = await beginReading(path);
    expect(await ledger.rekey()).toMatchObject({ isErased: false });
    expect(await stillInFiles(path, encrypted)).toBeGreaterThan(0);
    await stopReading();
    expect(await ledger.rekey()).toMatchObject({ isErased: true });
    expect(await stillInFiles(path, encrypted)).toBe(0);
  });
});
