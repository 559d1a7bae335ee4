import { describe, expect, it } from 'vitest';
import { durationWords, parseDuration, timeWords, whenWords } from './durations.ts';

describe('parseDuration', () => {
  it.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['1.5h', 5_400_000],
    ['10m', 600_000],
    ['2d', 172_800_000],
    ['0s', 0],
    ['all', Number.POSITIVE_INFINITY],
    ['30', undefined],
    ['soon', undefined],
    ['-1s', undefined],
    ['1w', undefined],
    ['', undefined],
  ])('%s', (text, expected) => {
    expect(parseDuration(text)).toBe(expected);
  });
});

describe('durationWords', () => {
  it.each([
    [0, 'no time'],
    [400, 'less than a second'],
    [1000, '1 second'],
    [12_300, '13 seconds'],
    [90_000, '90 seconds'],
    [7_200_000, '2 hours'],
    [30 * 86_400_000, '30 days'],
  ])('%i ms', (ms, expected) => {
    expect(durationWords(ms)).toBe(expected);
  });
});

const now = Date.UTC(2026, 7, 21, 12, 0, 0);

it('tells a time of today by its hour, another one with its day', () => {
  expect(timeWords('2026-08-21T16:05:00+02:00', now)).toBe('14:05 UTC');
  expect(timeWords('2026-09-01T00:00:00Z', now)).toBe('2026-09-01 00:00 UTC');
});

it('tells what is near by how long it takes', () => {
  expect(whenWords('2026-08-21T12:00:06Z', now)).toBe('in 6 seconds');
  expect(whenWords('2026-08-21T11:00:00Z', now)).toBe('now');
  expect(whenWords('2026-08-21T15:00:00Z', now)).toBe('at 15:00 UTC');
});
