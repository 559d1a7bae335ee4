import { describe, expect, it } from 'vitest';
import { showsAny } from './shows-any.ts';

const word = `o'neil+"x"@example.com`;

describe('showsAny', () => {
  it.each([
    ['a message', new Error(`Nobody called ${word}`)],
    ['a cause', new Error('Failed', { cause: new Error(word) })],
    ['a hidden property', Object.defineProperty(new Error('Failed'), 'body', { value: { email: word } })],
    ['a URL', new Error(`GET https://vendor.test/${encodeURIComponent(word)}`)],
    ['a JSON body', new Error(JSON.stringify({ email: word }))],
    ['a header', { authorization: `Basic ${Buffer.from(`${word}:`).toString('base64')}` }],
  ])('finds a word in %s', (_where, value) => {
    expect(showsAny(value, ['something else', word])).toBe(true);
  });

  it('finds nothing where nothing is', () => {
    expect(showsAny(new Error('The vendor rejected the credentials (HTTP 401).'), [word, ''])).toBe(false);
  });
});
