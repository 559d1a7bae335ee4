import type { Identifier } from '@expunge/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { identitiesOf, targetOf, vendorIdentifiers, wireIdentities } from './opendsr-identities.ts';

const raw = { email: 'raw', controller_customer_id: 'raw', ios_advertising_id: 'raw' } as const;
const email = (value: string): Identifier => ({ type: 'email', value });

describe('targetOf', () => {
  it('is one target with all usable identities of the person', () => {
    const target = targetOf(
      [
        { type: 'shoe_size', value: '42' },
        { type: 'ios_advertising_id', value: 'device-2' },
        email('ada@example.com'),
        { type: 'ios_advertising_id', value: 'device-1' },
        email('ada@example.com'),
      ],
      raw,
    );
    expect(target).toEqual({
      type: 'email',
      value: 'ada@example.com',
      details: { '2.ios_advertising_id': 'device-1', '3.ios_advertising_id': 'device-2' },
    });
  });

  it('is none without a usable identity', () => {
    expect(targetOf([{ type: 'shoe_size', value: '42' }], raw)).toBeUndefined();
    expect(targetOf([{ type: 'toString', value: '42' }], raw)).toBeUndefined();
  });

  it('holds every identity once, whatever it looks like and in which order it came', () => {
    const identity = fc.record({
      type: fc.constantFrom('email', 'controller_customer_id', 'ios_advertising_id'),
      value: fc.string({ unit: 'binary', minLength: 1, maxLength: 5 }),
    });
    fc.assert(
      fc.property(fc.array(identity, { minLength: 1, maxLength: 12 }), fc.nat(), (identities, turn) => {
        const target = targetOf(identities, raw);
        const turned = [
          ...identities.slice(turn % identities.length),
          ...identities.slice(0, turn % identities.length),
        ];
        expect(targetOf(turned, raw)).toEqual(target);
        const texts = (list: readonly Identifier[]) => new Set(list.map(({ type, value }) => `${type} ${value}`));
        const held = target === undefined ? [] : identitiesOf(target);
        expect(texts(held)).toEqual(texts(identities));
        expect(held).toHaveLength(texts(identities).size);
      }),
    );
  });
});

describe('wireIdentities', () => {
  // Worked out with sha256sum, sha1sum and md5sum.
  it.each([
    ['raw', 'ada@example.com'],
    ['sha256', 'b5fc85e55755f9e0d030a10ab4429b6b2944855f9a0d60077fe832becbc41d72'],
    ['sha1', '3ca93ad87e0bb737e653b66ad67731e86bbc050f'],
    ['md5', '3e3417d7ef77d5932a6734b916515ed5'],
  ] as const)('writes %s', (format, value) => {
    const target = { type: 'email', value: 'ada@example.com' };
    expect(wireIdentities(target, { email: format })).toEqual([
      { identity_type: 'email', identity_value: value, identity_format: format },
    ]);
  });

  it('hashes the value exactly as given: letters, spaces and accents count', () => {
    const hashOf = (value: string) =>
      wireIdentities({ type: 'email', value }, { email: 'sha256' })?.[0]?.identity_value;
    const values = [
      'ada@example.com',
      'Ada@example.com',
      'ada@example.com ',
      ' ada@example.com',
      'e\u0301@x.test',
      '\u00e9@x.test',
    ];
    expect(new Set(values.map(hashOf)).size).toBe(values.length);
    // In UTF-8.
    expect(hashOf('žofie')).toBe('54124671a269dd7a23863042cd184d37be3792bcc56490edb761af33c0cd6a5f');
  });

  it('gives each identity the format of its type', () => {
    const target = targetOf([email('ada@example.com'), { type: 'ios_advertising_id', value: 'device-1' }], raw);
    expect(target && wireIdentities(target, { email: 'sha256', ios_advertising_id: 'raw' })).toMatchObject([
      { identity_type: 'email', identity_format: 'sha256' },
      { identity_type: 'ios_advertising_id', identity_format: 'raw', identity_value: 'device-1' },
    ]);
  });

  it('sends nothing of a target with a type that is not configured', () => {
    const target = targetOf([email('ada@example.com'), { type: 'ios_advertising_id', value: 'device-1' }], raw);
    expect(target && wireIdentities(target, { email: 'raw' })).toBeUndefined();
  });
});

describe('vendorIdentifiers', () => {
  it("takes the company's user id for the customer id, and other types by their own names", () => {
    expect(vendorIdentifiers({ controller_customer_id: 'raw', email: 'md5', customer_user_id: 'raw' })).toEqual([
      { type: 'controller_customer_id', from: ['user_id'] },
      { type: 'email', from: ['email'] },
      { type: 'customer_user_id', from: ['user_id'] },
    ]);
  });
});
