import { expect, it } from 'vitest';
import { notCalled } from './not-called.ts';

it('says that nothing was sent', () => {
  expect(notCalled('acme', 'request-too-large', 'Too long.')).toMatchObject({
    code: 'request-too-large',
    vendor: 'acme',
    effect: 'nothing',
    message: 'Too long. Nothing was sent.',
  });
});
