import { LedgerError } from '@expunge/engine';
import { DatabaseError } from 'pg';
import { expect, it } from 'vitest';
import { databaseErrorOf, ledgerErrorOf, mayPass, queueErrorOf } from './database-error.ts';

const errorWith = (code: string, message = 'terminating connection of ada@example.com') =>
  Object.assign(new Error(message), { code });

it.each([
  ['a server that is shutting down', errorWith('57P01'), 'unreachable'],
  ['a refused connection', errorWith('ECONNREFUSED'), 'unreachable'],
  ['a connection that was cut', new Error('Connection terminated unexpectedly'), 'unreachable'],
  ['an answer that did not come', new Error('Query read timeout'), 'unreachable'],
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

function refusal(sqlState: string): DatabaseError {
  const error = new DatabaseError('the key (email)=(ada@example.com) is there already', 1, 'error');
  error.code = sqlState;
  return error;
}

// What an operator reads at two in the morning: what is wrong, and what to do about it.
it.each<[string, Error, boolean, string, RegExp]>([
  ['a server that is not there', errorWith('ECONNREFUSED'), true, 'unreachable', /whether PostgreSQL runs.*try again/],
  ['an answer that does not come', new Error('Query read timeout'), true, 'unreachable', /can't be reached\./],
  ['a host that nobody knows', errorWith('ENOTFOUND'), true, 'unreachable', /host .*not known.*DNS/],
  ['names that can not be looked up', errorWith('EAI_AGAIN'), true, 'unreachable', /host .*not known.*DNS/],
  ['a certificate of nobody', errorWith('DEPTH_ZERO_SELF_SIGNED_CERT'), false, 'access-refused', /sslrootcert=/],
  ['an authority that is not known', errorWith('UNABLE_TO_VERIFY_LEAF_SIGNATURE'), false, 'access-refused', /sslroot/],
  ['a file that is no certificate', errorWith('ERR_OSSL_PEM_NO_START_LINE'), false, 'access-refused', /sslrootcert=/],
  ['a certificate of another', errorWith('ERR_TLS_CERT_ALTNAME_INVALID'), false, 'access-refused', /Name the host/],
  ['a certificate of last year', errorWith('CERT_HAS_EXPIRED'), false, 'access-refused', /Renew it there/],
  ['a lock of somebody else', refusal('55P03'), true, 'unreachable', /runs, and was busy.*55P03/],
  ['a statement from before a migration', refusal('0A000'), true, 'unreachable', /a migration.*in the way/],
  ['a deadlock', refusal('40P01'), true, 'unreachable', /runs, and was busy.*40P01/],
  ['too many connections', refusal('53300'), true, 'unreachable', /no connection left.*max_connections/],
  ['a server that starts', refusal('57P03'), true, 'unreachable', /can't be reached \(SQLSTATE 57P03\)/],
  ['tables that are not seen', refusal('42P01'), false, 'access-refused', /USAGE/],
  ['a schema that is not seen', refusal('3F000'), false, 'access-refused', /USAGE/],
  ['a missing right', refusal('42501'), false, 'access-refused', /SELECT on its tables/],
])('says what to do about %s', (_what, thrown, passes, code, message) => {
  const error = databaseErrorOf(thrown);
  expect(mayPass(error)).toBe(passes);
  expect(ledgerErrorOf(error)).toMatchObject({ name: 'LedgerError', code, message: expect.stringMatching(message) });
  expect(String(ledgerErrorOf(error))).not.toContain('ada');
});

it('leaves what it has no words for as it is, with its SQLSTATE and nothing else', () => {
  const error = databaseErrorOf(refusal('23505'));
  expect(ledgerErrorOf(error)).toBe(error);
  expect(error).toMatchObject({ sqlState: '23505', message: expect.not.stringContaining('ada') });
});
