import { expect, it } from 'vitest';
import { parseTime } from './parse-time.ts';

it.each([
  ['2026-08-21', {}, '2026-08-21T00:00:00Z'],
  ['2026-08-21', { timezone: 'Europe/Berlin' }, '2026-08-20T22:00:00Z'],
  ['2026-12-21', { timezone: 'Europe/Berlin' }, '2026-12-20T23:00:00Z'],
  ['2026-03-29', { timezone: 'Europe/Berlin' }, '2026-03-28T23:00:00Z'],
  ['2026-03-29 12:00', { timezone: 'Europe/Berlin' }, '2026-03-29T10:00:00Z'],
  ['2026-11-01 10:00:00', { timezone: 'America/New_York' }, '2026-11-01T15:00:00Z'],
  ['2026-11-01T10:00:00.123', { timezone: 'UTC' }, '2026-11-01T10:00:00Z'],
  ['30.12.2026', {}, '2026-12-30T00:00:00Z'],
  ['1.2.2026', {}, '2026-02-01T00:00:00Z'],
  ['31/12/2026', {}, '2026-12-31T00:00:00Z'],
  ['12/31/2026', {}, '2026-12-31T00:00:00Z'],
  ['03/04/2026', { dates: 'day-first' }, '2026-04-03T00:00:00Z'],
  ['03/04/2026', { dates: 'month-first' }, '2026-03-04T00:00:00Z'],
  ['2026-08-21T14:05:00+02:00', {}, '2026-08-21T14:05:00+02:00'],
  ['2026-08-21 14:05:00Z', {}, '2026-08-21T14:05:00Z'],
] as const)('reads %s with %j', (text, rules, time) => {
  expect(parseTime(text, rules)).toEqual({ time });
});

it.each([
  ['03/04/2026', {}, 'order'],
  ['04-03-2026', {}, 'order'],
  ['12/31/2026', { dates: 'day-first' }, 'form'],
  ['2026-02-30', {}, 'form'],
  ['31.02.2026', {}, 'form'],
  ['2026-08-21 25:00', { timezone: 'UTC' }, 'form'],
  ['2026-08-21 12:00', {}, 'zone'],
  ['2026-08-21T12:00:00', {}, 'zone'],
] as const)('does not guess what %s means with %j', (text, rules, fault) => {
  expect(parseTime(text, rules)).toEqual({ fault });
});
