import { connectorIssues, type Target } from '@expunge/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import factory, { createAltcraftConnector } from './index.ts';

// Nothing listens there: a call that is made although it must not be fails as `connection-failed`.
const options = { baseUrl: 'http://127.0.0.1:9', token: 'test-token', databaseId: 7 };
const matching = ['email' as const, 'phone' as const, 'profile_id' as const];
const customFields = [{ fieldName: 'CRM_ID', fieldType: 'number' as const }];
const connector = createAltcraftConnector({ ...options, matching, customFields });
const email = (value: string): Target => ({ type: 'email', value });

describe('createAltcraftConnector', () => {
  it('makes a connector by the contract, and is the default export', () => {
    expect(connectorIssues(connector)).toEqual([]);
    expect(factory).toBe(createAltcraftConnector);
    expect(connector).toMatchObject({ specVersion: 'v1', vendor: 'altcraft', operation: 'profile' });
  });

  it('states identifiers, limits and gaps as data', () => {
    const { capabilities } = connector;
    expect(JSON.parse(JSON.stringify(capabilities))).toEqual(capabilities);
    expect(capabilities).toMatchObject({
      reach: 'person',
      identifiers: [
        { type: 'email', from: ['email'] },
        { type: 'phone', from: ['phone'] },
        { type: 'profile_id', from: [] },
        { type: 'CRM_ID', from: ['CRM_ID'] },
      ],
      completion: { type: 'immediate' },
      readBack: { covers: 'profile', identifiers: ['email', 'phone', 'profile_id', 'CRM_ID'], afterMs: 0 },
      repeat: 'harmless',
      limits: {
        submit: { maxTargets: 1 },
        verify: { maxTargets: 1 },
        inFlight: [{ kinds: ['submit', 'verify', 'access'], calls: 1 }],
      },
    });
    const busier = createAltcraftConnector({ ...options, limits: { callsInFlight: 2 }, readBackAfterMs: 60_000 });
    expect(busier.capabilities).toMatchObject({ readBack: { afterMs: 60_000 }, limits: { inFlight: [{ calls: 2 }] } });
  });

  it('has nothing to poll and nothing to call back', () => {
    expect(connector.check).toBeUndefined();
    expect(connector.cancel).toBeUndefined();
    expect(connector.recover).toBeUndefined();
  });
});

describe('targetsOf', () => {
  it('makes one target of each identifier that is set up, once, unchanged, in order', () => {
    const identifier = fc.record({
      type: fc.constantFrom('email', 'phone', 'profile_id', 'CRM_ID', 'user_id'),
      value: fc.string({ minLength: 1, maxLength: 2 }),
    });
    fc.assert(
      fc.property(fc.array(identifier, { minLength: 1 }), (identifiers) => {
        const usable = identifiers.filter(({ type }) => type !== 'user_id');
        const once = usable.filter(
          (one, index) => usable.findIndex(({ type, value }) => type === one.type && value === one.value) === index,
        );
        const targets = connector.targetsOf({ identifiers });
        expect(targets.map(({ type, value }) => ({ type, value }))).toEqual(once);
        // Each knows the others, whatever their order was.
        const reversed = connector.targetsOf({ identifiers: identifiers.toReversed() });
        for (const target of targets) {
          expect(Object.values(target.details ?? {})).toHaveLength(once.length - 1);
          expect(reversed).toContainEqual(target);
        }
      }),
    );
  });

  it('leaves out what is not set up', () => {
    const identifiers = [{ type: 'phone', value: '+79000000000' }];
    expect(createAltcraftConnector(options).targetsOf({ identifiers })).toEqual([]);
  });
});

describe('a call that can’t be made', () => {
  it('is not made for nobody, or for two', async () => {
    expect(await connector.submit([])).toEqual([]);
    expect(await connector.verify?.([])).toEqual([]);
    const two = [email('ada@example.com'), email('grace@example.com')];
    await expect(connector.submit(two)).rejects.toMatchObject({ code: 'request-too-large', effect: 'nothing' });
    await expect(connector.verify?.(two)).rejects.toMatchObject({ code: 'request-too-large' });
  });

  it.each<[string, Target, string]>([
    ['a type that is not set up', { type: 'user_id', value: 'ada' }, 'unsupported'],
    ['no number for a number field', { type: 'CRM_ID', value: 'ada' }, 'not-addressable'],
  ])('is not made for %s', async (_what, target, reason) => {
    expect(await connector.submit([target])).toEqual([{ type: 'rejected', reason, message: expect.any(String) }]);
    expect(await connector.verify?.([target])).toEqual([{ type: 'unknown', reason: expect.any(String) }]);
  });

  it('is not made for what XML can’t carry', async () => {
    const xml = createAltcraftConnector({ ...options, format: 'xml' });
    expect(await xml.submit([email('ada\u0000@example.com')])).toMatchObject([
      { type: 'rejected', reason: 'not-addressable' },
    ]);
    expect(await xml.verify?.([email('ada\u0000@example.com')])).toMatchObject([{ type: 'unknown' }]);
  });

  it('fails without a doubt where nobody listens', async () => {
    await expect(connector.submit([email('ada@example.com')])).rejects.toMatchObject({
      code: 'connection-failed',
      effect: 'nothing',
    });
  });
});
