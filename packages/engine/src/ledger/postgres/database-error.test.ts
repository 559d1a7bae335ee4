import { expect, it } from 'vitest';
import { LedgerError } from '../ledger-error.ts';
import { queueErrorOf } from './database-error.ts';

const errorWith = (code: string, message = 'terminating connection of ada@example.com') =>
  Object.assign(new Error(message), { code });

it.each([
  ['a server that is shutting down', errorWith('57P01'), 'unreachable'],
  ['a refused connection', errorWith('ECONNREFUSED'), 'unreachable'],
  ['a connection that was cut', new Error('Connection terminated unexpectedly'), 'unreachable'],
  ['a wrong password', errorWith('28P01'), 'access-refused'],
  ['a standby', errorWith('25006'), 'not-writable'],
])(
  "takes %s that pg-boss met for the ledger's own trouble, and says nothing of whom it met it with",
  (_what, error, code) => {
    const taken = queueErrorOf(error);
    expect(taken).toBeInstanceOf(LedgerError);
    expect(taken).toMatchObject({ code, message: expect.not.stringContaining('ada') });
  },
);

it('passes on what is none of the database', () => {
  const mistake = new TypeError('no such function');
  expect(queueErrorOf(mistake)).toBe(mistake);
  const known = new LedgerError('key-wrong', 'wrong');
  expect(queueErrorOf(known)).toBe(known);
});
