import { expect, it } from 'vitest';
import { fakeNow } from '../../test/fake-environment.ts';
import { dueWords, taskDueWords } from './due-words.ts';

const before = '2026-08-21T11:00:00.000Z';
const soon = '2026-08-21T12:00:06.000Z';
const weeksAway = '2026-09-15T00:00:00.000Z';
const paused = { code: 'credentials-rejected', message: 'Check the token.', at: before };

it.each([
  [before, 'due now'],
  [soon, 'goes on in 6 seconds'],
  [weeksAway, 'goes on at 2026-09-15 00:00 UTC'],
])('%s is %s', (at, words) => {
  expect(dueWords(at, fakeNow)).toBe(words);
});

it.each([
  ['its own time', soon, { nextAt: before, paused: undefined }, 'goes on in 6 seconds'],
  ['a connector that nobody knows', soon, undefined, 'goes on in 6 seconds'],
  ["the connector's time", before, { nextAt: weeksAway, paused: undefined }, 'goes on at 2026-09-15 00:00 UTC'],
  ['a connector that is paused', before, { nextAt: before, paused }, 'goes on when credentials-rejected is fixed'],
  ['nothing', undefined, { nextAt: weeksAway, paused: undefined }, undefined],
])('a deletion waits for %s', (_what, nextAt, connector, words) => {
  expect(taskDueWords({ nextAt }, connector, fakeNow)).toBe(words);
});
