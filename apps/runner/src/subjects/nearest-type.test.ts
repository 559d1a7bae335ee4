import { expect, it } from 'vitest';
import { nearestType } from './nearest-type.ts';

const types = ['user_id', 'email', 'phone'];

it.each([
  ['emial', 'email'],
  ['Email', 'email'],
  ['e-mail', 'email'],
  ['emai', 'email'],
  ['emaill', 'email'],
  ['mail', 'email'],
  ['userId', 'user_id'],
  ['user-ids', 'user_id'],
  ['phine', 'phone'],
])('takes %s for %s', (given, meant) => {
  expect(nearestType(given, types)).toBe(meant);
});

it.each(['crm_id', '', 'phones_x'])('takes %j for none of them', (given) => {
  expect(nearestType(given, types)).toBeUndefined();
});
