import type { DeletionConnector } from '@expunge/core';
import { describe, expect, it } from 'vitest';
import { createEngine } from '../src/engine/create-engine.ts';
import type { IncomingRequest } from '../src/engine/engine.ts';
import { type AuditEntry, checkChain, checkSignedLog, hashEntry } from '../src/proof/audit-chain.ts';
import { checkCertificate, makeCertificate } from '../src/proof/certificate.ts';
import { AutoClock } from './auto-clock.ts';
import { MemoryVendor } from './memory-vendor.ts';
import { openSetting, requestFor } from './setting.ts';
import { openTestLedger, queryLedger, tamperWith } from './test-ledger.ts';

const forever = { waitAtMostMs: Number.POSITIVE_INFINITY };

/** A ledger in which one person's deletion failed and another one's did not, with a hold. */
async function livedIn() {
  const clock = new AutoClock();
  const vendor = new MemoryVendor({ clock });
  vendor.people.add('ada').add('bob');
  const connectors = [{ name: 'memory', connector: vendor.connector }];
  const setting = await openSetting(connectors, { clock, retry: { maxAttempts: 1 } });
  vendor.faults.push({ code: 'request-rejected' });
  await setting.engine.accept([requestFor('ada')]);
  await setting.engine.run(forever);
  await setting.engine.hold({ type: 'user_id', value: 'eve' }, 'litigation');
  await setting.engine.accept([requestFor('bob')]);
  await setting.engine.run(forever);
  return { ...setting, vendor, connectors };
}

async function entriesOf(ledger: { auditEntries(): AsyncIterable<AuditEntry> }): Promise<AuditEntry[]> {
  const entries: AuditEntry[] = [];
  for await (const entry of ledger.auditEntries()) entries.push(entry);
  return entries;
}

/** What somebody can do who can write the ledger and has no key: another text, and a new chain behind it. */
async function rewriteLog(path: string, change: (text: string) => string, signatures: 'keep' | 'drop'): Promise<void> {
  const rows = await queryLedger(path, 'SELECT sequence, at, text FROM audit ORDER BY sequence');
  let hash = '0'.repeat(64);
  const statements: string[] = [];
  let isChanged = false;
  for (const { sequence, at, text: before } of rows) {
    const text = change(String(before));
    isChanged ||= text !== before;
    hash = hashEntry(hash, Number(sequence), Number(at), text);
    if (!isChanged) continue;
    const signature = signatures === 'drop' ? ', signature = NULL' : '';
    statements.push(
      `UPDATE audit SET text = '${text.replaceAll("'", "''")}', hash = unhex('${hash}')${signature} WHERE sequence = ${String(sequence)}`,
    );
  }
  expect(isChanged).toBe(true);
  await tamperWith(path, statements.join('; '));
}

/** A move to `failed` becomes one to `deleted`. */
function failedToDeleted(text: string): string {
  const entry: Record<string, unknown> = JSON.parse(text);
  if (entry.type !== 'moved' || entry.to !== 'failed') return text;
  const { reason: _reason, ...rest } = entry;
  return JSON.stringify({ ...rest, to: 'deleted', assurance: 'verified' });
}

const claimDeleted = `UPDATE tasks SET state = 'deleted', assurance = 'verified', reason = NULL, message = NULL WHERE state = 'failed';
  UPDATE task_counts SET state = 'deleted', assurance = 'verified', reason = '' WHERE state = 'failed'`;

describe('the signed log', () => {
  it('is whole in a ledger that only its owner has written', async () => {
    const { ledger } = await livedIn();
    const entries = await entriesOf(ledger);
    expect(await checkSignedLog(entries, ledger.signing())).toMatchObject({
      isIntact: true,
      entries: entries.length,
      olderEntries: 0,
    });
    expect(await ledger.verify(await ledger.auditHead())).toMatchObject({
      isIntact: true,
      differences: [],
      pages: { damaged: [], count: 0 },
    });
  });

  it('has one signature for each commit, under its last entry', async () => {
    const { ledger, path, engine } = await livedIn();
    const before = await ledger.auditHead();
    await engine.accept([requestFor('cleo'), requestFor('dora')]);
    const rows = await queryLedger(
      path,
      `SELECT sequence, CASE WHEN signature IS NULL THEN 0 ELSE 1 END AS signed FROM audit WHERE sequence > ${before.sequence} ORDER BY sequence`,
    );
    expect(rows.length).toBeGreaterThan(2);
    expect(rows.filter(({ signed }) => Number(signed) === 1).length).toBeLessThan(rows.length);
    expect(Number(rows.at(-1)?.signed)).toBe(1);
  });

  it.each(['keep', 'drop'] as const)(
    'that was rewritten without the key is called broken, and nothing of it is certified (signatures: %s)',
    async (signatures) => {
      const { path, close, clock } = await livedIn();
      await close();
      await tamperWith(path, claimDeleted);
      await rewriteLog(path, failedToDeleted, signatures);
      const ledger = await openTestLedger(path, { readOnly: true });
      // The chain alone does not tell: anybody can compute it.
      expect(checkChain(await entriesOf(ledger))).toMatchObject({ isIntact: true });
      const { isIntact, log } = await ledger.verify();
      expect({ isIntact, log: log.isIntact }).toEqual({ isIntact: false, log: false });
      expect(JSON.stringify(log)).toMatch(/without the ledger's key/);
      await expect(makeCertificate(ledger, 'r-ada', clock.now())).rejects.toMatchObject({ code: 'log-broken' });
      await ledger.close();
    },
  );

  it('that was rewritten stays broken when the ledger goes on', async () => {
    const { path, close, clock, connectors } = await livedIn();
    await close();
    await tamperWith(path, claimDeleted);
    await rewriteLog(path, failedToDeleted, 'drop');
    const again = await openSetting(connectors, { clock, path });
    await again.engine.accept([requestFor('cleo')]);
    await again.engine.run(forever);
    const { log } = await again.ledger.verify();
    expect(log).toMatchObject({ isIntact: false, issue: expect.stringContaining('were not signed') });
    await expect(makeCertificate(again.ledger, 'r-ada', clock.now())).rejects.toMatchObject({ code: 'log-broken' });
    // Nor does it help to take out what the ledger says of it.
    await again.close();
    await rewriteLog(path, (text) => text.replace(/"type":"unsigned-entries-found"/, '"type":"rekeyed"'), 'drop');
    const third = await openSetting(connectors, { clock, path });
    await third.engine.accept([requestFor('dora')]);
    expect((await third.ledger.verify()).log).toMatchObject({ isIntact: false });
  });

  it('is told to be unsigned at its end', async () => {
    const { path, close } = await livedIn();
    await close();
    const [last] = await queryLedger(
      path,
      'SELECT sequence, at, lower(hex(hash)) AS hash FROM audit ORDER BY sequence DESC LIMIT 1',
    );
    const sequence = Number(last?.sequence) + 1;
    const text = '{"type":"rekeyed"}';
    const hash = hashEntry(String(last?.hash), sequence, Number(last?.at), text);
    await tamperWith(
      path,
      `INSERT INTO audit (sequence, at, text, hash) VALUES (${sequence}, ${String(last?.at)}, '${text}', unhex('${hash}'))`,
    );
    const ledger = await openTestLedger(path, { readOnly: true });
    expect((await ledger.verify()).log).toEqual({
      isIntact: false,
      sequence,
      issue: `Entry ${sequence} is not signed: written without the ledger's key, or robbed of a signature.`,
    });
    await ledger.close();
  });

  it('can not be begun anew', async () => {
    const { path, close, clock, connectors } = await livedIn();
    await close();
    await tamperWith(path, 'DELETE FROM audit');
    const again = await openSetting(connectors, { clock, path });
    await again.engine.accept([requestFor('cleo')]);
    const { isIntact, differences } = await again.ledger.verify();
    expect(isIntact).toBe(false);
    expect(differences?.find(({ kind }) => kind === 'requests')?.requests).toEqual(['r-ada', 'r-bob']);
  });
});

describe('tables that were changed behind the log', () => {
  it.each([
    ['a task has another state', claimDeleted, 'tasks', ['r-ada']],
    [
      'a task has another assurance',
      `UPDATE tasks SET assurance = 'verified' WHERE state = 'deleted'`,
      'tasks',
      ['r-bob'],
    ],
    ['a task has another reason', `UPDATE tasks SET reason = 'x' WHERE state = 'deleted'`, 'tasks', ['r-bob']],
    ['a task was removed', 'DELETE FROM tasks WHERE id = 1', 'tasks', ['r-ada']],
    ['a task belongs to another request', 'UPDATE tasks SET request = 2 WHERE id = 1', 'tasks', ['r-bob']],
    ['a request has another deadline', 'UPDATE requests SET due_at = due_at + 1 WHERE id = 1', 'requests', ['r-ada']],
    ['a request has another id', `UPDATE requests SET request_id = 'r-eve' WHERE id = 1`, 'requests', ['r-eve']],
    [
      'a request was removed',
      'DELETE FROM tasks WHERE request = 2; DELETE FROM requests WHERE id = 2',
      'requests',
      ['r-bob'],
    ],
    ['a request is open again', 'UPDATE requests SET settled_at = NULL WHERE id = 2', 'requests', ['r-bob']],
    ['a hold was removed', 'DELETE FROM held_requests; DELETE FROM holds', 'holds', []],
    ['a hold is about somebody else', `UPDATE holds SET digest = unhex('${'ab'.repeat(16)}')`, 'holds', []],
    ['a person was erased', 'UPDATE requests SET page = NULL WHERE id = 1', 'erasures', ['r-ada']],
    ['a target was erased', 'UPDATE tasks SET page = NULL WHERE id = 2', 'erasures', ['r-bob']],
    ['a count is another', `UPDATE task_counts SET tasks = tasks + 1 WHERE state = 'deleted'`, 'counts', []],
  ])('are found: %s', async (_what, sql, kind, requests) => {
    const { path, close } = await livedIn();
    await close();
    await tamperWith(path, sql);
    const ledger = await openTestLedger(path, { readOnly: true });
    const { isIntact, log, differences } = await ledger.verify();
    expect({ isIntact, log: log.isIntact }).toEqual({ isIntact: false, log: true });
    expect(differences).toContainEqual({ kind, count: expect.any(Number), requests });
    await ledger.close();
  });

  it('are none where people were erased, cancelled, held, joined and came again', async () => {
    const clock = new AutoClock();
    const vendors = [new MemoryVendor({ clock }), new MemoryVendor({ clock, mode: 'polled' })];
    const connectors = vendors.map(({ connector }, index) => ({ name: `account-${index}`, connector }));
    const [first, second] = connectors;
    if (first === undefined || second === undefined) throw new Error('There are two.');
    const setting = await openSetting([first], { clock, retentionMs: 0 });
    await setting.engine.accept([requestFor('ada'), requestFor('ada', { id: 'again' }), requestFor('bob')]);
    await setting.engine.run(forever);
    await setting.engine.hold({ type: 'user_id', value: 'eve' }, 'litigation');
    await setting.engine.accept([requestFor('eve'), requestFor('cleo')], { waitMs: 3_600_000 });
    await setting.engine.cancel('r-cleo');
    await setting.close();
    // Erased people come again for an account that is new: part of them is kept again, and erased again.
    const more = await openSetting(
      [
        { ...first, name: 'account-0' },
        { ...second, after: ['account-0'] },
      ],
      {
        clock,
        path: setting.path,
        retentionMs: 0,
      },
    );
    await more.engine.accept([requestFor('ada'), requestFor('dora')]);
    expect(await more.ledger.verify()).toMatchObject({ isIntact: true, differences: [] });
    await more.engine.run(forever);
    await more.engine.release({ type: 'user_id', value: 'eve' });
    expect(await more.ledger.verify()).toMatchObject({ isIntact: true, differences: [] });
    await more.engine.run(forever);
    expect(await more.ledger.verify()).toMatchObject({ isIntact: true, differences: [] });
  });
});

/** Two accounts at two vendors, each with a person of its own: nobody is meant for the other vendor. */
async function twoAccounts(count = 1) {
  const clock = new AutoClock();
  const vendors = { alpha: new MemoryVendor({ clock }), beta: new MemoryVendor({ clock }) };
  const connectors = [
    { name: 'alpha', connector: vendors.alpha.connector, identifiers: { id: ['user_id'], device: [] } },
    { name: 'beta', connector: vendors.beta.connector, identifiers: { id: ['crm_id'], device: [] } },
  ];
  const setting = await openSetting(connectors, { clock });
  const people = Array.from({ length: count }, (_, index) => `p${index}`);
  for (const person of people) {
    const identifiers = [{ type: 'user_id', value: person }];
    await setting.engine.accept([requestFor(person, { subject: { identifiers } })]);
  }
  return { ...setting, vendors, connectors, people };
}

const swapNames = `UPDATE connectors SET name = 'x' WHERE id = 1; UPDATE connectors SET name = 'alpha' WHERE id = 2;
  UPDATE connectors SET name = 'beta' WHERE id = 1`;

const putNamesBack = `UPDATE connectors SET name = 'x' WHERE id = 2; UPDATE connectors SET name = 'alpha' WHERE id = 1;
  UPDATE connectors SET name = 'beta' WHERE id = 2`;

describe('a connector whose name was changed in the ledger', () => {
  it.each([
    ['the names are swapped', swapNames],
    ['a name is one that nobody has', `UPDATE connectors SET name = 'x' WHERE id = 1`],
  ])('sends nobody anywhere, and is named: %s', async (_what, sql) => {
    const { path, close, clock, connectors, vendors } = await twoAccounts();
    await close();
    await tamperWith(path, sql);
    const { engine, ledger } = await openSetting(connectors, { clock, path });
    await expect(engine.run(forever)).rejects.toMatchObject({
      name: 'LedgerError',
      code: 'names-changed',
      message: expect.stringMatching(/belongs to alpha .* stands under (beta|x) /),
    });
    expect([...vendors.alpha.calls, ...vendors.beta.calls]).toEqual([]);
    expect(await ledger.verify()).toMatchObject({ isIntact: false, pages: { damaged: [expect.any(Number)] } });
  });

  it.each(['vendor', 'operation'])(
    'is told from one whose %s was changed, whose people go nowhere else',
    async (column) => {
      const { path, close, clock, connectors, vendors } = await twoAccounts();
      await close();
      await tamperWith(path, `UPDATE connectors SET ${column} = 'another' WHERE id = 1`);
      const looking = await openTestLedger(path);
      expect(await looking.verify()).toMatchObject({ isIntact: false, pages: { damaged: [expect.any(Number)] } });
      await looking.close();
      // The configuration says what the connector is: nothing was won.
      const { engine, ledger } = await openSetting(connectors, { clock, path });
      await engine.run(forever);
      expect(vendors.alpha.submits().map(({ values }) => values)).toEqual([['p0']]);
      expect(vendors.beta.calls).toEqual([]);
      expect(await ledger.verify()).toMatchObject({ isIntact: true });
    },
  );

  it('goes on where the names are put back', async () => {
    const { path, close, clock, connectors, vendors } = await twoAccounts();
    await close();
    await tamperWith(path, swapNames);
    const swapped = await openSetting(connectors, { clock, path });
    await expect(swapped.engine.run(forever)).rejects.toMatchObject({ code: 'names-changed' });
    await swapped.close();
    await tamperWith(path, putNamesBack);
    const { engine, ledger } = await openSetting(connectors, { clock, path });
    await engine.run(forever);
    expect(vendors.alpha.submits().map(({ values }) => values)).toEqual([['p0']]);
    expect(vendors.beta.calls).toEqual([]);
    expect(await ledger.verify()).toMatchObject({ isIntact: true });
  });

  it('keeps its people where the configuration gives its name to another account, and the log says so', async () => {
    const { path, close, clock, connectors } = await twoAccounts();
    await close();
    const [alpha, beta] = connectors;
    if (alpha === undefined || beta === undefined) throw new Error('There are two.');
    const moved = new MemoryVendor({ clock });
    const connector = { ...moved.connector, vendor: 'another', operation: 'all' };
    const { engine, ledger } = await openSetting([{ ...alpha, connector }, beta], { clock, path });
    await engine.run(forever);
    expect(moved.submits().map(({ values }) => values)).toEqual([['p0']]);
    const entries = (await entriesOf(ledger)).map(({ text }): Record<string, unknown> => JSON.parse(text));
    expect(entries).toContainEqual(
      expect.objectContaining({ type: 'connector-changed', connector: 'alpha', vendor: 'another', operation: 'all' }),
    );
    expect(await ledger.verify()).toMatchObject({ isIntact: true });
  });
});

describe('an encrypted page with one bit that is wrong', () => {
  async function withDamage(which: 'requests' | 'tasks') {
    const setting = await twoAccounts(3);
    await setting.close();
    const [row] = await queryLedger(
      setting.path,
      which === 'requests'
        ? `SELECT page FROM requests WHERE request_id = 'r-p1'`
        : `SELECT tasks.page FROM tasks JOIN requests ON requests.id = tasks.request WHERE request_id = 'r-p1' AND tasks.page IS NOT NULL`,
    );
    const page = Number(row?.page);
    const [stored] = await queryLedger(
      setting.path,
      `SELECT lower(hex(ciphertext)) AS bytes FROM encrypted_pages WHERE id = ${page}`,
    );
    const bytes = String(stored?.bytes);
    const write = (hex: string) =>
      tamperWith(setting.path, `UPDATE encrypted_pages SET ciphertext = unhex('${hex}') WHERE id = ${page}`);
    const flipped = `${bytes.slice(0, -1)}${(Number.parseInt(bytes.slice(-1), 16) ^ 1).toString(16)}`;
    await write(flipped);
    const { connectors, clock, path } = setting;
    const again = await openSetting(connectors, { clock, path, retentionMs: 0 });
    return { ...setting, ...again, page, repair: () => write(bytes) };
  }

  it('costs those on it, and nobody else', async () => {
    const { engine, ledger, vendors, page } = await withDamage('tasks');
    expect((await ledger.verify()).pages).toEqual({ opened: 5, damaged: [page], requests: ['r-p1'], count: 1 });
    await engine.run(forever);
    expect(vendors.alpha.submits().flatMap(({ values }) => values)).toEqual(['p0', 'p2']);
    const request = await ledger.request('r-p1');
    expect(request?.tasks).toContainEqual(
      expect.objectContaining({
        connector: 'alpha',
        state: 'needs-review',
        reason: 'page-damaged',
        message: expect.stringContaining(`page ${page} `),
        nextAt: undefined,
      }),
    );
    expect(await ledger.setAside(10)).toEqual({ tasks: 1, requests: ['r-p1'] });
    expect(await ledger.verify()).toMatchObject({ log: { isIntact: true }, differences: [] });
  });

  it('is worked on when it is put back, and somebody says so', async () => {
    const { engine, ledger, vendors, close, connectors, clock, path, repair } = await withDamage('tasks');
    await engine.run(forever);
    expect(await ledger.setAside(10)).toMatchObject({ tasks: 1 });
    await close();
    await repair();
    const again = await openSetting(connectors, { clock, path });
    expect(await again.engine.reopen('needs-review')).toBe(1);
    await again.engine.run(forever);
    expect(vendors.alpha.submits().flatMap(({ values }) => values)).toEqual(['p0', 'p2', 'p1']);
    expect(await again.ledger.setAside(10)).toEqual({ tasks: 0, requests: [] });
  });

  it('keeps nobody from being put on hold, and nothing is sent for those of whom it is not known', async () => {
    const { engine, ledger, vendors } = await withDamage('requests');
    expect(await engine.hold({ type: 'user_id', value: 'p0' }, 'litigation')).toMatchObject({ requests: 1 });
    expect(await ledger.setAside(10)).toEqual({ tasks: 1, requests: ['r-p1'] });
    await engine.run(forever);
    expect(vendors.alpha.submits().flatMap(({ values }) => values)).toEqual(['p2']);
  });

  it('keeps nobody else out of a report with identifiers', async () => {
    const { ledger } = await withDamage('requests');
    const seen: unknown[] = [];
    for await (const { request, identifiers, isUnreadable } of ledger.requests({ identifiers: true })) {
      seen.push([request.requestId, identifiers?.[0]?.value, isUnreadable]);
    }
    expect(seen).toEqual([
      ['r-p0', 'p0', undefined],
      ['r-p1', undefined, true],
      ['r-p2', 'p2', undefined],
    ]);
  });

  it('does not keep a key from being changed, or people from being erased', async () => {
    const { engine, ledger, path, page } = await withDamage('requests');
    expect(await ledger.rekey()).toMatchObject({ damagedPages: 1 });
    await engine.run(forever);
    expect(await queryLedger(path, `SELECT id FROM encrypted_pages WHERE id = ${page}`)).toEqual([]);
    expect(await ledger.verify()).toMatchObject({ isIntact: true });
  });

  it('is the same as one that is gone, or that holds somebody else', async () => {
    const { path, close, clock, connectors, vendors } = await twoAccounts(3);
    await close();
    const pages = await queryLedger(path, 'SELECT id, page FROM tasks WHERE page IS NOT NULL ORDER BY id');
    const [first, second, third] = pages;
    // The page of the first is gone; the second one's row refers to the third one's page.
    await tamperWith(
      path,
      `DELETE FROM encrypted_pages WHERE id = ${Number(first?.page)};
       UPDATE tasks SET page = ${Number(third?.page)} WHERE id = ${Number(second?.id)}`,
    );
    const { engine, ledger } = await openSetting(connectors, { clock, path });
    await engine.run(forever);
    expect(vendors.alpha.submits().flatMap(({ values }) => values)).toEqual(['p2']);
    expect(await ledger.setAside(10)).toEqual({ tasks: 2, requests: ['r-p0', 'r-p1'] });
  });
});

describe('a text that can not be kept and printed as it is', () => {
  const evil: readonly (readonly [what: string, text: string])[] = [
    ['half of a surrogate pair', '\ud800x'],
    ['a zero byte', 'a\0b'],
    ['an escape sequence', '\u001b]0;title\u0007'],
    ['a control character of C1', '\u009b31m'],
    ['a backspace', 'a\b\bb'],
    ['an override of direction', 'abc\u202edcba'],
    ['an isolate of direction', '\u2066iso'],
    ['a line separator', 'a\u2028b'],
  ];

  it.each(evil)('is refused as a request id: %s', async (_what, id) => {
    const { engine, ledger } = await livedIn();
    const before = await ledger.auditHead();
    await expect(engine.accept([requestFor('cleo', { id })])).rejects.toMatchObject({
      name: 'RequestError',
      index: 0,
      issues: [expect.stringMatching(/^id: /)],
    });
    expect((await ledger.auditHead()).sequence).toBe(before.sequence);
  });

  it.each(evil)('is refused as a reason, an actor or the name of a connector: %s', async (_what, text) => {
    const { engine, ledger, clock, vendor } = await livedIn();
    const before = await ledger.auditHead();
    const eve = { type: 'user_id', value: 'fay' };
    await expect(engine.hold(eve, text)).rejects.toThrow(/reason of a hold/);
    await expect(engine.hold(eve, 'litigation', { actor: text })).rejects.toThrow(/actor/);
    await expect(ledger.addHold({ identifiers: [eve] }, 'litigation', clock.now(), text)).rejects.toThrow(/actor/);
    expect(() => createEngine({ connectors: [{ name: text, connector: vendor.connector }], ledger })).toThrow(
      /name of a connector/,
    );
    expect(() => createEngine({ connectors: [], ledger, actor: text })).toThrow(/actor/);
    expect(await ledger.auditHead()).toEqual(before);
  });

  it('is taken where it only looks unusual', async () => {
    const { engine, ledger } = await livedIn();
    const ids = ['=cmd|calc!A1', '<script>', '../../../etc/passwd', 'Müller-ß', '日本', '👩‍👩‍👧'];
    await engine.accept(ids.map((id, index) => requestFor(`p${index}`, { id })));
    for (const id of ids) expect(await ledger.request(id)).toBeDefined();
    expect(await ledger.verify()).toMatchObject({ isIntact: true });
  });

  it("does not stand in the way of a certificate as a vendor's word", async () => {
    const clock = new AutoClock();
    const vendor = new MemoryVendor({ clock });
    const connector: DeletionConnector = {
      ...vendor.connector,
      submit: async (targets) =>
        targets.map(() => ({ type: 'rejected', reason: 'refused', message: 'No.', vendorStatus: 'a\0b\ud800' })),
    };
    const { engine, ledger } = await openSetting([{ name: 'memory', connector }], { clock });
    await engine.accept([requestFor('ada')]);
    await engine.run(forever);
    expect(checkCertificate((await makeCertificate(ledger, 'r-ada', clock.now())) ?? '')).toMatchObject({
      isValid: true,
    });
    expect(await ledger.verify()).toMatchObject({ isIntact: true });
  });
});

describe('an import', () => {
  const people = (count: number, from = 0) =>
    Array.from({ length: count }, (_, index) => requestFor(`p${from + index}`));
  async function* brokenAfter(requests: readonly IncomingRequest[]) {
    yield* requests;
    throw new Error('The pipe is broken.');
  }
  async function* streamed(requests: readonly IncomingRequest[]) {
    yield* requests;
  }

  it('has an end, and one that was cut off is known until it comes in again', async () => {
    const { engine, ledger } = await livedIn();
    expect(await ledger.cutOffImports()).toEqual([]);
    await expect(engine.accept(brokenAfter(people(2100)))).rejects.toThrow('pipe');
    const [cutOff] = await ledger.cutOffImports();
    expect(cutOff).toMatchObject({ requests: 2000, startedAt: expect.stringMatching(/^2026-/) });
    // Another list does not complete it.
    await engine.accept(streamed(people(3, 5000)));
    expect(await ledger.cutOffImports()).toEqual([cutOff]);
    await engine.accept(streamed(people(2100)));
    expect(await ledger.cutOffImports()).toEqual([]);
    expect(await ledger.verify()).toMatchObject({ isIntact: true, differences: [] });
  });

  it('that a request ended which is not valid is cut off as well', async () => {
    const { engine, ledger } = await livedIn();
    const list = [...people(3), requestFor('undefined'), ...people(2, 10)];
    await expect(engine.accept(list)).rejects.toMatchObject({ name: 'RequestError', index: 3 });
    expect(await ledger.cutOffImports()).toMatchObject([{ requests: 3 }]);
    await engine.accept([...people(3), ...people(2, 10)]);
    expect(await ledger.cutOffImports()).toEqual([]);
  });

  it('is known by its source, also before its first request is in the ledger', async () => {
    const { engine, ledger, path } = await livedIn();
    await expect(engine.accept(brokenAfter([]), { source: 'sha256:1' })).rejects.toThrow('pipe');
    expect(await ledger.cutOffImports()).toMatchObject([{ requests: 0 }]);
    await engine.accept(streamed(people(3)), { source: 'sha256:2' });
    expect(await ledger.cutOffImports()).toMatchObject([{ requests: 0 }]);
    await engine.accept(streamed(people(3)), { source: 'sha256:1' });
    expect(await ledger.cutOffImports()).toEqual([]);
    // The source itself is not kept.
    const rows = await queryLedger(path, 'SELECT lower(hex(source)) AS source FROM imports WHERE source IS NOT NULL');
    expect(rows.map(({ source }) => String(source).length)).toEqual([32, 32, 32]);
  });

  it('can be closed by somebody who knows that the rest will not come', async () => {
    const { engine, ledger, clock } = await livedIn();
    await expect(engine.accept(brokenAfter(people(2100)))).rejects.toThrow('pipe');
    const [cutOff] = await ledger.cutOffImports();
    expect(await ledger.closeImport(cutOff?.importId ?? 0, clock.now(), 'lin')).toBe(true);
    expect(await ledger.cutOffImports()).toEqual([]);
    expect(await ledger.closeImport(cutOff?.importId ?? 0, clock.now(), 'lin')).toBe(false);
    const entry = (await entriesOf(ledger)).at(-1);
    expect(JSON.parse(entry?.text ?? '')).toMatchObject({ type: 'import-ended', isClosed: true, actor: 'lin' });
  });

  it('whose end somebody has written into the ledger is found', async () => {
    const { engine, path, close } = await livedIn();
    await expect(engine.accept(brokenAfter(people(2100)))).rejects.toThrow('pipe');
    await close();
    await tamperWith(path, 'UPDATE imports SET ended_at = 1 WHERE ended_at IS NULL');
    const ledger = await openTestLedger(path, { readOnly: true });
    expect((await ledger.verify()).differences).toEqual([{ kind: 'imports', count: 1, requests: [] }]);
    await ledger.close();
  });
});

it('names in each entry who did it: the person whose command it was, or the engine itself', async () => {
  const { engine, ledger } = await livedIn();
  const eve = { type: 'user_id', value: 'eve' };
  const after = (await ledger.auditHead()).sequence;
  await engine.accept([requestFor('cleo'), requestFor('dora')], { actor: 'ann' });
  await engine.cancel('r-dora', { actor: 'ben' });
  await engine.restore('r-dora', { actor: 'cid' });
  await engine.release(eve, { actor: 'dan' });
  await engine.hold(eve, 'litigation', { actor: 'eli' });
  await engine.run(forever);
  await engine.reopen('failed', { actor: 'flo' });
  await engine.tryNow('memory', { actor: 'gil' });
  const done = new Map<string, Set<string>>();
  for (const { sequence, text } of await entriesOf(ledger)) {
    const { type, from, to, actor }: Record<string, string> = JSON.parse(text);
    if (sequence <= after) continue;
    const what = type === 'moved' ? `${from ?? 'new'} to ${to}` : String(type);
    done.set(what, (done.get(what) ?? new Set()).add(String(actor)));
  }
  expect(Object.fromEntries([...done].map(([what, actors]) => [what, [...actors].join()]))).toMatchObject({
    accepted: 'ann',
    'import-ended': 'ann',
    'new to ready': 'ann',
    'cancel-requested': 'ben',
    'ready to cancelled': 'ben',
    restored: 'cid',
    'cancelled to ready': 'cid',
    'hold-removed': 'dan',
    'hold-added': 'eli',
    'ready to submitting': 'expunge',
    'submitting to absent': 'expunge',
    reopened: 'flo',
    'failed to ready': 'flo',
    'waits-ended': 'gil',
  });
});
