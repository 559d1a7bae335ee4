import { expect, it } from 'vitest';
import { numberWords } from './number-words.ts';

it.each([
  [0, '0'],
  [0.0221, '0.022'],
  [0.97, '0.97'],
  [5.046, '5.05'],
  [812.4, '812'],
  [1041.6, '1,042'],
  [131_218.4, '131,218'],
  [-34.56, '-34.6'],
  [Number.NaN, '-'],
])('writes %d as %s', (value, words) => {
  expect(numberWords(value)).toBe(words);
});
