import { describe, expect, it } from 'vitest';
import { countNoneFound } from './positive-control.ts';

const before = (state: 'ready' | 'waiting' | 'accepted' | 'deleted', count: number) => ({
  state,
  reason: 'not-found-before',
  count,
});

describe('that none of many people was found', () => {
  it.each([
    ['the vendor says of all that nothing is there', { absent: 12 }, [], 12],
    ['the vendor took all, and our own read found none', { accepted: 20 }, [before('accepted', 20)], 20],
    ['jobs are at work on people whom our own read did not find', { waiting: 10 }, [before('waiting', 10)], 10],
  ] as const)('is known where %s', (_when, states, reasons, expected) => {
    expect(countNoneFound({ states, reasons })).toBe(expected);
  });

  it.each([
    ['there are a few', { absent: 9 }, []],
    ['one was found', { absent: 500, deleted: 1 }, []],
    ['a job may have found somebody', { absent: 500, waiting: 1 }, []],
    ['one of many was there before', { accepted: 500 }, [before('accepted', 499)]],
    ['nothing was read or answered yet', { ready: 500, 'pre-read': 3 }, []],
    ['those who were not found are still to be sent, as others may be who were', { ready: 500 }, [before('ready', 12)]],
  ] as const)('is not said where %s', (_when, states, reasons) => {
    expect(countNoneFound({ states, reasons })).toBeUndefined();
  });
});
