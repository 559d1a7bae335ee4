import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConnectorError, type ConnectorErrorCode, connectorErrorCodes } from './connector-error.ts';

// Written down a second time on purpose: a change of what a code means has to be made in two places, knowingly.
const meanings: Record<ConnectorErrorCode, [isRetryable: boolean, effect: 'nothing' | 'in-doubt']> = {
  'credentials-rejected': [false, 'nothing'],
  'permission-missing': [false, 'nothing'],
  'request-rejected': [false, 'nothing'],
  'request-too-large': [false, 'nothing'],
  'setup-wrong': [false, 'nothing'],
  'rate-limited': [true, 'nothing'],
  'quota-spent': [true, 'nothing'],
  'connection-failed': [true, 'nothing'],
  'not-sent': [true, 'nothing'],
  'connection-lost': [true, 'in-doubt'],
  'timed-out': [true, 'in-doubt'],
  aborted: [true, 'in-doubt'],
  'vendor-unavailable': [true, 'in-doubt'],
  'response-unexpected': [true, 'in-doubt'],
  'answer-contradictory': [false, 'in-doubt'],
};

const errorOf = (code: ConnectorErrorCode, more: object = {}) =>
  new ConnectorError({ code, vendor: 'acme', message: 'Acme rejected it (HTTP 400).', ...more });

describe('the table of codes', () => {
  it('is complete', () => {
    expect([...connectorErrorCodes].sort()).toEqual(Object.keys(meanings).sort());
  });

  it.each(Object.entries(meanings))('%s', (name, [isRetryable, effect]) => {
    const code = connectorErrorCodes.find((each) => each === name);
    if (code === undefined) throw new Error('not in the table');
    expect(errorOf(code)).toMatchObject({ code, isRetryable, effect, vendor: 'acme', name: 'ConnectorError' });
  });

  it('gives up for good only where it is certain that nothing happened, or where a person has to look', () => {
    for (const code of connectorErrorCodes) {
      if (code === 'answer-contradictory') continue;
      if (!errorOf(code).isRetryable) expect(errorOf(code).effect).toBe('nothing');
    }
  });
});

describe('ConnectorError', () => {
  it('is an Error with its facts', () => {
    const error = errorOf('rate-limited', { httpStatus: 429, vendorStatus: 'rate_limit_error', retryAfterMs: 5_000 });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ httpStatus: 429, vendorStatus: 'rate_limit_error', retryAfterMs: 5_000 });
    expect(errorOf('timed-out')).toMatchObject({
      httpStatus: undefined,
      vendorStatus: undefined,
      retryAfterMs: undefined,
    });
  });

  it("keeps of a vendor's status only short plain words", () => {
    const kept = ['FAILED', 'rate_limit_error', '404', 'a.b:c-d'];
    const dropped = ['', 'two words', 'ada@example.test', 'x'.repeat(65), '<b>', 'naïve', 'a/b'];
    for (const vendorStatus of kept)
      expect(errorOf('request-rejected', { vendorStatus }).vendorStatus).toBe(vendorStatus);
    for (const vendorStatus of dropped)
      expect(errorOf('request-rejected', { vendorStatus }).vendorStatus).toBeUndefined();
  });

  it('carries nothing that it was not made for', () => {
    const extra = {
      body: 'canary',
      url: 'canary',
      headers: { a: 'canary' },
      cause: new Error('canary'),
      target: 'canary',
    };
    const error = errorOf('request-rejected', extra);
    expect(inspect(error, { depth: 9, showHidden: true }) + JSON.stringify(error)).not.toContain('canary');
  });

  it('is recognised across two installed copies of this package, and nothing else is', async () => {
    const otherCopy: typeof import('./connector-error.ts') = await import(
      /* @vite-ignore */ `./connector-error.ts?${'copy'}`
    );
    expect(otherCopy.ConnectorError).not.toBe(ConnectorError);
    const foreign = new otherCopy.ConnectorError({ code: 'timed-out', vendor: 'acme', message: 'Late.' });
    expect(foreign).not.toBeInstanceOf(ConnectorError);
    expect(ConnectorError.isInstance(foreign)).toBe(true);
    expect(otherCopy.ConnectorError.isInstance(errorOf('aborted'))).toBe(true);
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(ConnectorError.isInstance(value)).toBe(false);
      }),
    );
    expect(ConnectorError.isInstance(new Error('x'))).toBe(false);
  });
});
