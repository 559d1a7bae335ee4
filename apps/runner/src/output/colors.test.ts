import { expect, it } from 'vitest';
import { KeptOutput } from '../../test/fake-environment.ts';
import { colorsFor } from './colors.ts';

it.each([
  ['a terminal', true, {}, true],
  ['a pipe', false, {}, false],
  ['NO_COLOR', true, { NO_COLOR: '1' }, false],
  ['an empty NO_COLOR', true, { NO_COLOR: '' }, true],
  ['a dumb terminal', true, { TERM: 'dumb' }, false],
  ['FORCE_COLOR in a pipe', false, { FORCE_COLOR: '1' }, true],
  ['FORCE_COLOR=0', false, { FORCE_COLOR: '0' }, false],
])('%s', (_what, isTerminal, environment, hasColor) => {
  expect(colorsFor(new KeptOutput(isTerminal), environment).red('x') !== 'x').toBe(hasColor);
});
