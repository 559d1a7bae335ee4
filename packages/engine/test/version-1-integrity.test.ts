import { describe, expect, it } from 'vitest';
import { checkSignedLog } from '../src/proof/audit-chain.ts';
import { checkCertificate, makeCertificate } from '../src/proof/certificate.ts';
import { AutoClock } from './auto-clock.ts';
import { openSetting, requestFor } from './setting.ts';
import { openTestLedger, queryLedger, tamperWith } from './test-ledger.ts';
import { fixture, fixtureConnectors, fixtureVendors, loadFixture, madeAt } from './version-1-fixture.ts';

/** The ledger of the version before, opened with this one. */
async function openFixture(change?: (path: string) => Promise<void>) {
  const clock = new AutoClock(madeAt);
  const connectors = fixtureConnectors(fixtureVendors(clock));
  const path = await loadFixture();
  await change?.(path);
  return { connectors, ...(await openSetting(connectors, { clock, path })) };
}

const { sequence } = fixture.auditHead;

describe('a ledger of version 1', () => {
  it('is signed as it is: one signature covers what was written before there were any', async () => {
    const { ledger } = await openFixture();
    const { isIntact, log, differences, pages } = await ledger.verify(fixture.auditHead);
    expect({ isIntact, differences, damaged: pages.damaged }).toEqual({ isIntact: true, differences: [], damaged: [] });
    expect(log).toMatchObject({ isIntact: true, entries: sequence, olderEntries: sequence, signatures: 1 });
    expect(pages.opened).toBeGreaterThan(10);
    expect(ledger.signing()).toEqual({ publicKey: fixture.publicKey, signedFrom: sequence });
  });

  it('stays whole when it goes on', async () => {
    const { engine, ledger, clock } = await openFixture();
    await engine.accept([requestFor('new')]);
    await engine.run({ waitAtMostMs: 0 });
    for (const { identifier } of fixture.holds) await engine.release(identifier);
    await engine.run({ waitAtMostMs: 0 });
    expect(await ledger.verify(fixture.auditHead)).toMatchObject({
      isIntact: true,
      differences: [],
      log: { olderEntries: sequence },
    });
    expect(checkCertificate((await makeCertificate(ledger, 'r-new', clock.now())) ?? '')).toMatchObject({
      isValid: true,
      statement: { head: { signature: expect.any(String) } },
    });
  });

  it('can not be made of a signed one: that a log is signed is kept under the key', async () => {
    const { ledger, path, close } = await openFixture();
    const signing = ledger.signing();
    await close();
    await tamperWith(path, 'UPDATE audit SET signature = NULL');
    const again = await openTestLedger(path, { readOnly: true });
    expect(again.signing()).toEqual(signing);
    expect(await checkSignedLog(again.auditEntries(), again.signing())).toMatchObject({
      isIntact: false,
      issue: expect.stringContaining('has lost its signature'),
    });
    await again.close();
  });

  it('whose names were swapped before it was brought up to date is found by its log', async () => {
    const { ledger } = await openFixture(async (path) => {
      const [first, second] = await queryLedger(path, 'SELECT id, name FROM connectors ORDER BY id LIMIT 2');
      const rename = (id: unknown, name: unknown) =>
        tamperWith(path, `UPDATE connectors SET name = '${String(name)}' WHERE id = ${String(id)}`);
      await rename(first?.id, 'x');
      await rename(second?.id, first?.name);
      await rename(first?.id, second?.name);
    });
    expect((await ledger.verify()).differences?.map(({ kind }) => kind)).toEqual(['tasks']);
  });
});
