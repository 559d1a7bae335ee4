import { describe, expect, it } from 'vitest';
import { createRedact } from './redact.ts';

describe('createRedact', () => {
  const redact = createRedact(['test-secret', 'test-secret-longer', 'a.b+c*', 'eu']);

  it.each([
    ['the token test-secret-longer is wrong', 'the token [secret] is wrong'],
    ['test-secret, test-secret', '[secret], [secret]'],
    ['a.b+c* and axb+c*', '[secret] and axb+c*'],
    ['region eu', 'region eu'],
    ['no such person: ada.lovelace+x@mail.example.com!', 'no such person: [address]!'],
    ['npm install @expunge/connector-mixpanel', 'npm install @expunge/connector-mixpanel'],
  ])('%s', (text, expected) => {
    expect(redact(text)).toBe(expected);
  });
});
