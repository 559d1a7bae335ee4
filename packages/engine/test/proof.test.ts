import { describe, expect, it } from 'vitest';
import { type AuditEntry, checkChain } from '../src/proof/audit-chain.ts';
import { checkCertificate, makeCertificate } from '../src/proof/certificate.ts';
import { AutoClock } from './auto-clock.ts';
import { MemoryVendor } from './memory-vendor.ts';
import { openSetting, requestFor } from './setting.ts';
import { openTestLedger, queryLedger, tamperWith } from './test-ledger.ts';

async function deletedPeople() {
  const clock = new AutoClock();
  const vendor = new MemoryVendor({ clock });
  const other = new MemoryVendor({ clock, mode: 'polled' });
  vendor.people.add('ada');
  const setting = await openSetting(
    [
      { name: 'memory', connector: vendor.connector },
      { name: 'slow', connector: other.connector },
    ],
    { clock },
  );
  await setting.engine.accept([requestFor('ada'), requestFor('bob'), requestFor('ada', { id: 'second' })]);
  await setting.engine.run({ waitAtMostMs: Number.POSITIVE_INFINITY });
  return { ...setting, vendor };
}

async function entriesOf(ledger: { auditEntries(): AsyncIterable<AuditEntry> }): Promise<AuditEntry[]> {
  const entries: AuditEntry[] = [];
  for await (const entry of ledger.auditEntries()) entries.push(entry);
  return entries;
}

describe('the audit log', () => {
  it('has every change of state of every task, and no identifier', async () => {
    const { ledger, path } = await deletedPeople();
    const entries = await entriesOf(ledger);
    expect(checkChain(entries, await ledger.auditHead())).toMatchObject({ isIntact: true, entries: entries.length });
    expect(entries.map((entry) => entry.text).join()).not.toMatch(/"ada"|"bob"/);

    // Replaying the moves gives the states that the tasks are in.
    const states = new Map<number, string>();
    for (const { text } of entries) {
      const entry: { type: string; tasks?: string; from?: string; to?: string } = JSON.parse(text);
      if (entry.type !== 'moved') continue;
      for (const part of (entry.tasks ?? '').split(',')) {
        const [first = 0, last = first] = part.split('-').map(Number);
        for (let task = first; task <= last; task += 1) {
          expect(states.get(task)).toBe(entry.from);
          states.set(task, entry.to ?? '');
        }
      }
    }
    const rows = await queryLedger(path, 'SELECT id, state FROM tasks ORDER BY id');
    expect(rows.map((row) => [Number(row.id), row.state])).toEqual([...states].sort(([a], [b]) => a - b));
  });

  it.each([
    ["UPDATE audit SET text = text || ' ' WHERE sequence = 4", 4],
    ['UPDATE audit SET at = at + 1 WHERE sequence = 2', 2],
    ['DELETE FROM audit WHERE sequence = 3', 3],
    [
      'UPDATE audit SET sequence = -1 WHERE sequence = 2; UPDATE audit SET sequence = 2 WHERE sequence = 3; UPDATE audit SET sequence = 3 WHERE sequence = -1',
      2,
    ],
    ['UPDATE audit SET hash = (SELECT other.hash FROM audit AS other WHERE other.sequence = 2) WHERE sequence = 1', 1],
  ])('shows where it was touched: %s', async (sql, sequence) => {
    const { ledger, path, close } = await deletedPeople();
    await close();
    await tamperWith(path, sql);
    const again = await openTestLedger(path);
    expect(checkChain(await entriesOf(again))).toMatchObject({ isIntact: false, sequence });
    await again.close();
    expect(ledger).toBeDefined();
  });

  it('that was cut off at the end is found by a head that was kept elsewhere', async () => {
    const { ledger } = await deletedPeople();
    const entries = await entriesOf(ledger);
    const head = await ledger.auditHead();
    expect(checkChain(entries.slice(0, -1))).toMatchObject({ isIntact: true });
    expect(checkChain(entries.slice(0, -1), head)).toMatchObject({ isIntact: false, sequence: head.sequence });
    expect(checkChain(entries, { sequence: 2, hash: 'ab'.repeat(32) })).toMatchObject({ isIntact: false, sequence: 2 });
  });

  it.each([
    { sequence: 0, hash: 'ab'.repeat(32) },
    { sequence: 0, hash: '0'.repeat(64) },
    { sequence: -1, hash: 'ab'.repeat(32) },
    { sequence: 1.5, hash: 'ab'.repeat(32) },
    { sequence: 1, hash: 'ab' },
    { sequence: 1, hash: 'AB'.repeat(32) },
  ])('is checked against no head that proves nothing: %j', async (head) => {
    const { ledger } = await deletedPeople();
    const entries = await entriesOf(ledger);
    expect(() => checkChain(entries, head)).toThrow(/head of a log that has entries/);
    await expect(ledger.verify(head)).rejects.toThrow(/head of a log that has entries/);
  });
});

describe('a certificate', () => {
  it('states the outcomes of one request and the entries behind them, and can be checked by itself', async () => {
    const { ledger, clock } = await deletedPeople();
    const text = (await makeCertificate(ledger, 'r-ada', clock.now())) ?? '';
    expect(text).not.toContain('"ada"');
    const result = checkCertificate(text);
    expect(result).toEqual(expect.objectContaining({ isValid: true }));
    if (!result.isValid) throw new Error('It is valid.');
    expect(result.statement.outcomes).toMatchObject([
      { connector: 'memory', state: 'deleted', assurance: 'confirmed' },
      { connector: 'slow', state: 'deleted', assurance: 'confirmed', vendorStatus: 'DONE' },
    ]);
    expect(result.statement.request.requestId).toBe('r-ada');
    expect(await makeCertificate(ledger, 'nobody', clock.now())).toBeUndefined();
  });

  it('fails with any one bit flipped, and with another key', async () => {
    const { ledger, clock } = await deletedPeople();
    const text = (await makeCertificate(ledger, 'r-ada', clock.now())) ?? '';
    expect(checkCertificate(text).isValid).toBe(true);
    const bytes = Buffer.from(text);
    // Every 7th byte, every bit of it: white space between the members is all that may change.
    for (let index = 0; index < bytes.length; index += 7) {
      const flipped = Buffer.from(bytes);
      flipped[index] = (flipped[index] ?? 0) ^ (1 << (index % 8));
      const changed = flipped.toString();
      if (JSON.stringify(tryParse(changed)) === JSON.stringify(tryParse(text))) continue;
      expect(checkCertificate(changed).isValid).toBe(false);
    }
    expect(checkCertificate(text, 'AAAA')).toMatchObject({
      isValid: false,
      issue: expect.stringContaining('another key'),
    });
  });

  it('keeps its key when the ledger is encrypted with a new key', async () => {
    const { ledger } = await deletedPeople();
    const before = ledger.sign('x').publicKey;
    await ledger.rekey();
    expect(ledger.sign('x').publicKey).toBe(before);
  });
});

describe('retention', () => {
  it('erases identifiers after settlement and retention, and still recognizes who was deleted', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock });
    const { engine, ledger } = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
    await engine.accept([requestFor('ada')]);
    await engine.run();
    expect((await ledger.request('r-ada', { identifiers: true }))?.identifiers).toHaveLength(1);
    clock.set(clock.now() + 31 * 86_400_000);
    await engine.run();
    // Erasing takes a second look at the clock.
    clock.set(clock.now() + 86_400_000);
    await engine.run();
    expect((await ledger.request('r-ada', { identifiers: true }))?.identifiers).toBeUndefined();
    expect(await engine.find([{ type: 'user_id', value: 'ada' }])).toEqual(['r-ada']);
    expect(await engine.find([{ type: 'user_id', value: 'eve' }])).toEqual([]);
    expect(await engine.accept([requestFor('ada')])).toMatchObject({ known: 1, knownSettled: 1 });
  });

  it('reads everything after a change of keys, and nothing with the old key', async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock });
    vendor.people.add('bob');
    const first = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock });
    await first.engine.accept([requestFor('ada'), requestFor('bob')]);
    await first.ledger.rekey();
    await first.close();
    const again = await openSetting([{ name: 'memory', connector: vendor.connector }], { clock, path: first.path });
    expect(await again.engine.accept([requestFor('ada')])).toMatchObject({ known: 1, conflicts: [] });
    await again.engine.run();
    expect(vendor.people.size).toBe(0);
    await again.close();
    await expect(openTestLedger(first.path, { key: Buffer.alloc(32) })).rejects.toMatchObject({
      code: 'key-wrong',
    });
  });
});

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
