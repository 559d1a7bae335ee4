import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { possibleRequestIds, requestIdOf } from './opendsr-request-id.ts';

const scope = { secret: 'request-id-secret-of-the-test', baseUrl: 'https://opendsr.example.com/v2' };
const ada = { type: 'email', value: 'ada@example.com' };
const noon = Date.parse('2026-01-05T12:00:00.000Z');

describe('requestIdOf', () => {
  it('is a lower-case UUID of version 4, whoever it is for', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.nat({ max: 4e12 }), (value, at) => {
        expect(requestIdOf(scope, { type: 'email', value }, at)).toMatch(
          /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
        );
      }),
    );
  });

  it('is the same within a minute, so that a repeat is recognised', () => {
    expect(requestIdOf(scope, { ...ada }, noon + 59_999)).toBe(requestIdOf(scope, ada, noon));
  });

  it('is another one in every later minute, so that an older request is never taken for a new one', () => {
    const ids = Array.from({ length: 5_000 }, (_, minute) => requestIdOf(scope, ada, noon + minute * 60_000));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it.each([
    ['person', scope, { ...ada, value: 'grace@example.com' }],
    ['type', scope, { ...ada, type: 'controller_customer_id' }],
    ['second identity', scope, { ...ada, details: { '2.email': 'ada@example.test' } }],
    ['secret', { ...scope, secret: 'another-secret-of-the-test' }, ada],
    ['processor', { ...scope, baseUrl: 'https://opendsr.example.org/v2' }, ada],
  ])('is another one for another %s', (_what, otherScope, target) => {
    expect(requestIdOf(otherScope, target, noon)).not.toBe(requestIdOf(scope, ada, noon));
  });

  it('can be found again from the time the call began, also over the turn of a minute', () => {
    fc.assert(
      fc.property(fc.nat({ max: 4e12 }), fc.nat({ max: 60_000 }), (since, delay) => {
        expect(possibleRequestIds(scope, ada, since)).toContain(requestIdOf(scope, ada, since + delay));
      }),
    );
  });
});
