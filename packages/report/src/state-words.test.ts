import { connectorErrorCodes } from '@expunge/core';
import { expect, it } from 'vitest';
import { describeReason } from './state-words.ts';

it.each([...new Set([...connectorErrorCodes, 'answer-contradictory'])])('has words for %s', (code) => {
  expect(describeReason(code)).not.toBe(code.replaceAll('-', ' '));
});

it('makes do with the word itself where it is not known', () => {
  expect(describeReason('some-other-reason')).toBe('some other reason');
});
