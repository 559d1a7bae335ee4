import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deletionRequestSchema } from './deletion-request.ts';
import { identifierSchema } from './identifier.ts';

const request = {
  id: 'req-1',
  subject: { identifiers: [{ type: 'user_id', value: 'u-1' }] },
  law: 'gdpr',
  receivedAt: '2026-01-05T10:00:00+02:00',
};

describe('a request', () => {
  it.each<[string, object, boolean]>([
    ['complete', {}, true],
    ['with a due date', { dueAt: '2026-02-05T10:00:00Z' }, true],
    ['under another law', { law: 'ccpa' }, true],
    ['under a law that does not exist', { law: 'hipaa' }, false],
    ['whose id could be an address', { id: 'ada@example.test' }, false],
    ['whose id has a space', { id: 'Ada L' }, false],
    ['without id', { id: '' }, false],
    ['with an endless id', { id: 'x'.repeat(201) }, false],
    ['at a time without offset', { receivedAt: '2026-01-05T10:00:00' }, false],
    ['on a day', { receivedAt: '2026-01-05' }, false],
    ['about nobody', { subject: { identifiers: [] } }, false],
    ['with a key that does not exist', { due_at: '2026-02-05T10:00:00Z' }, false],
  ])('%s', (_name, change, isValid) => {
    expect(deletionRequestSchema.safeParse({ ...request, ...change }).success).toBe(isValid);
  });
});

describe('an identifier', () => {
  it('keeps its value exactly as it is', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 4096, unit: 'binary' }), (value) => {
        fc.pre(value.length <= 4096);
        expect(identifierSchema.parse({ type: 'crm_id', value })).toEqual({ type: 'crm_id', value });
      }),
    );
  });

  it.each([
    ['user_id', true],
    ['android.idfa', true],
    ['crm-id', true],
    ['_private', false],
    ['1st', false],
    ['two words', false],
    ['', false],
    ['x'.repeat(65), false],
  ])('of type %j: %s', (type, isValid) => {
    expect(identifierSchema.safeParse({ type, value: 'x' }).success).toBe(isValid);
  });

  it('is never empty', () => {
    expect(identifierSchema.safeParse({ type: 'user_id', value: '' }).success).toBe(false);
  });
});
