import { connectorIssues, type Subject, type Target } from '@expunge/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import factory, { createCleverTapConnector } from './index.ts';

// Nothing listens there: a call that is made although it must not be fails as `connection-failed`.
const options = { baseUrl: 'http://127.0.0.1:9', accountId: 'TEST-ACCOUNT', passcode: 'test-passcode' };
const connector = createCleverTapConnector(options);
const identity = (value: string): Target => ({ type: 'identity', value });
const guid = (value: string): Target => ({ type: 'guid', value });

describe('createCleverTapConnector', () => {
  it('makes a connector by the contract, and is the default export', () => {
    expect(connectorIssues(connector)).toEqual([]);
    expect(factory).toBe(createCleverTapConnector);
    expect(connector).toMatchObject({ specVersion: 'v1', vendor: 'clevertap', operation: 'profile' });
  });

  it('states the documented limits, delay and gaps as data', () => {
    const { capabilities } = connector;
    expect(JSON.parse(JSON.stringify(capabilities))).toEqual(capabilities);
    expect(capabilities).toMatchObject({
      identifiers: [
        { type: 'identity', from: ['user_id'] },
        { type: 'guid', from: [] },
      ],
      completion: { type: 'elapsed', afterMs: 86_400_000 },
      readBack: { covers: 'person', identifiers: ['identity', 'guid'], afterMs: 172_800_000 },
      repeat: 'harmless',
      limits: {
        submit: { maxTargets: 100, oneTypePerCall: true },
        verify: { maxTargets: 1 },
        inFlight: [
          { kinds: ['submit'], calls: 1 },
          { kinds: ['verify', 'access'], calls: 1 },
        ],
      },
    });
  });

  it('has neither receipts to check nor a way to call a deletion back', () => {
    expect(connector.check).toBeUndefined();
    expect(connector.cancel).toBeUndefined();
    expect(connector.recover).toBeUndefined();
  });

  it('takes other limits from the options', () => {
    const limits = { maxTargets: 20, submitsInFlight: 3, readsInFlight: 2 };
    expect(createCleverTapConnector({ ...options, limits, readBackAfterMs: 0 }).capabilities).toMatchObject({
      readBack: { afterMs: 0 },
      limits: { submit: { maxTargets: 20 }, inFlight: [{ calls: 3 }, { calls: 2 }] },
    });
  });
});

describe('targetsOf', () => {
  it('makes two targets of a person with an identity and a guid, and ignores what CleverTap can’t use', () => {
    const subject: Subject = {
      identifiers: [
        { type: 'email', value: 'ada@example.com' },
        { type: 'guid', value: 'ctid-1' },
        { type: 'identity', value: 'ada' },
        { type: 'guid', value: 'ctid-1' },
      ],
    };
    expect(connector.targetsOf(subject)).toEqual([guid('ctid-1'), identity('ada')]);
    expect(connector.targetsOf({ identifiers: [{ type: 'email', value: 'ada@example.com' }] })).toEqual([]);
  });

  it('names each identifier once, unchanged, in order', () => {
    const identifiers = fc.array(
      fc.record({
        type: fc.constantFrom('identity', 'guid', 'phone'),
        value: fc.string({ minLength: 1, maxLength: 3 }),
      }),
      { minLength: 1 },
    );
    fc.assert(
      fc.property(identifiers, (list) => {
        const usable = list.filter(({ type }) => type !== 'phone');
        const once = usable.filter(
          (one, index) => usable.findIndex(({ type, value }) => type === one.type && value === one.value) === index,
        );
        expect(connector.targetsOf({ identifiers: list })).toEqual(once);
      }),
    );
  });
});

describe('a call that can’t be made', () => {
  it('is not made for nobody', async () => {
    expect(await connector.submit([])).toEqual([]);
    expect(await connector.verify?.([])).toEqual([]);
  });

  it('is refused with more than 100 targets', async () => {
    const targets = Array.from({ length: 101 }, (_, index) => identity(`person-${index}`));
    await expect(connector.submit(targets)).rejects.toMatchObject({ code: 'request-too-large', effect: 'nothing' });
    await expect(connector.verify?.(targets.slice(0, 2))).rejects.toMatchObject({ code: 'request-too-large' });
  });

  it('is refused with identities and guids together', async () => {
    await expect(connector.submit([identity('ada'), guid('ctid-1')])).rejects.toMatchObject({
      // The caller splits such a call; a call that was merely not sent it would repeat as it is, for ever.
      code: 'request-rejected',
      effect: 'nothing',
    });
  });

  it('is not made for an identifier that CleverTap does not know, or that no URL can carry', async () => {
    const email: Target = { type: 'email', value: 'ada@example.com' };
    expect(await connector.submit([email, email])).toMatchObject([
      { type: 'rejected', reason: 'unsupported' },
      { type: 'rejected', reason: 'unsupported' },
    ]);
    expect(await connector.verify?.([email])).toEqual([{ type: 'unknown', reason: expect.any(String) }]);
    expect(await connector.verify?.([identity('ada-\ud800')])).toEqual([
      { type: 'unknown', reason: expect.any(String) },
    ]);
  });

  it('fails without a doubt where nobody listens', async () => {
    await expect(connector.submit([identity('ada')])).rejects.toMatchObject({
      code: 'connection-failed',
      effect: 'nothing',
    });
  });
});
