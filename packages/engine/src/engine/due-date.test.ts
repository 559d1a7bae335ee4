import { expect, it } from 'vitest';
import { defaultDueAt } from './due-date.ts';

it.each([
  ['gdpr', '2026-01-31T10:00:00Z', '2026-02-28T10:00:00.000Z'],
  ['gdpr', '2026-12-15T00:00:00Z', '2027-01-15T00:00:00.000Z'],
  ['gdpr', '2026-03-01T01:00:00+02:00', '2026-03-28T23:00:00.000Z'],
  ['ccpa', '2026-01-01T00:00:00Z', '2026-02-15T00:00:00.000Z'],
  ['other', '2026-01-01T00:00:00Z', '2026-01-31T00:00:00.000Z'],
] as const)('a %s request of %s is due at %s', (law, receivedAt, dueAt) => {
  expect(defaultDueAt(law, receivedAt)).toBe(dueAt);
});
