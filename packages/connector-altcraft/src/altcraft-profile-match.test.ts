import { describe, expect, it } from 'vitest';
import type { AltcraftMatching } from './altcraft-options.ts';
import { isOwnIdentifier } from './altcraft-profile-match.ts';

const id = '65a1b2c3d4e5f60718293a4b';
const email: AltcraftMatching = { matching: 'email', type: 'email' };
const phone: AltcraftMatching = { matching: 'phone', type: 'phone' };
const custom: AltcraftMatching = { matching: 'custom', type: 'CRM_ID', fieldType: 'number' };
const subscriptions = [{ channel: 'email', email: 'ada@example.com' }];

describe('isOwnIdentifier', () => {
  it('accepts the profile’s own email, in any case', () => {
    expect(isOwnIdentifier({ id, email: 'Ada@Example.com' }, email, 'ada@example.com')).toBe(true);
  });

  it.each([
    ['another own email', { id, email: 'bob@example.com', subscriptions }],
    ['an empty own email', { id, email: '', subscriptions }],
    ['no own email', { id, email: null, subscriptions }],
    ['no sign of an own email', { id, subscriptions }],
    ['an own email that only begins alike', { id, email: 'ada@example.com.test' }],
  ])('does not accept %s', (_what, profile) => {
    expect(isOwnIdentifier(profile, email, 'ada@example.com')).toBe(false);
  });

  it('accepts any of the profile’s own phones, however written', () => {
    expect(isOwnIdentifier({ id, phones: ['+79001112233', '+7 900 000-00-00'] }, phone, '+79000000000')).toBe(true);
    expect(isOwnIdentifier({ id, phones: '+79000000000' }, phone, '+79000000000')).toBe(true);
    expect(isOwnIdentifier({ id, phones: { phone: ['+79000000000'] } }, phone, '+79000000000')).toBe(true);
  });

  it('does not accept other phones, none, or a value without digits', () => {
    expect(isOwnIdentifier({ id, phones: ['+79000000001'] }, phone, '+79000000000')).toBe(false);
    expect(isOwnIdentifier({ id, phones: [] }, phone, '+79000000000')).toBe(false);
    expect(isOwnIdentifier({ id }, phone, '+79000000000')).toBe(false);
    expect(isOwnIdentifier({ id, phones: ['unknown'] }, phone, '+')).toBe(false);
  });

  it('accepts a custom field that shows the value as text or number, or is not shown', () => {
    expect(isOwnIdentifier({ id, CRM_ID: 5 }, custom, '5')).toBe(true);
    expect(isOwnIdentifier({ id, CRM_ID: '5' }, custom, '5')).toBe(true);
    expect(isOwnIdentifier({ id }, custom, '5')).toBe(true);
    expect(isOwnIdentifier({ id, CRM_ID: 6 }, custom, '5')).toBe(false);
    expect(isOwnIdentifier({ id, CRM_ID: '05' }, custom, '5')).toBe(false);
  });
});
