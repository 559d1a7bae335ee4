import { ConnectorError } from '@expunge/core';
import { describe, expect, it } from 'vitest';
import { expectSame, type Named } from './expect-same.ts';

const options = { vendor: 'acme', what: 'the job status', field: 'job_id' };

describe('an answer that names what it is about', () => {
  it.each<[Named, string | readonly string[]]>([
    ['job-1', 'job-1'],
    [
      ['b', 'a', 'a'],
      ['a', 'b'],
    ],
    [['a'], 'a'],
    [[], []],
    [undefined, 'job-1'],
    [null, 'job-1'],
  ])('%j is an answer about %j', (named, asked) => {
    expect(() => expectSame(named, asked, options)).not.toThrow();
  });

  it.each<[Named, string | readonly string[]]>([
    ['job-2', 'job-1'],
    ['JOB-1', 'job-1'],
    ['', 'job-1'],
    [[], 'job-1'],
    [['a', 'b'], 'a'],
    [['a'], ['a', 'b']],
  ])('%j is none about %j', (named, asked) => {
    expect(() => expectSame(named, asked, options)).toThrow(
      expect.objectContaining({ code: 'answer-contradictory', vendor: 'acme' }),
    );
  });

  it('takes two spellings for one id where the vendor says so', () => {
    expect(() => expectSame('JOB-1', 'job-1', { ...options, fold: (id) => id.toLowerCase() })).not.toThrow();
  });

  it('says what differs, and not whose it is', () => {
    try {
      expectSame('stranger@example.com', 'ada@example.com', options);
      expect.unreachable();
    } catch (error) {
      expect(ConnectorError.isInstance(error) && error.message).toBe(
        'The answer to the job status is about something else than was asked: its job_id differs. Look into it by hand.',
      );
    }
  });
});
