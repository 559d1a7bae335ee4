import { describe, expect, it } from 'vitest';
import { findRepeatedKeys } from './find-repeated-keys.ts';

describe('findRepeatedKeys', () => {
  it.each([
    ['{"email":"a","email":"b"}', ['email']],
    ['{"email":"a","note":1,"email":"a","note":[],"email":null}', ['email', 'note']],
    ['{"email":"a","\\u0065mail":"b"}', ['email']],
    ['{ "a" : { "b" : 1, "b" : 2 } , "c" : [ { "c" : 1 } ], "a" : 1 }', ['a']],
    ['{"__proto__":1,"__proto__":2}', ['__proto__']],
    ['{"":1,"":2}', ['']],
  ])('sees them in %s', (json, keys) => {
    expect([...findRepeatedKeys(json)]).toEqual(keys);
  });

  it.each([
    '{}',
    '{"email":"email","user_id":"email"}',
    '{"a":"\\"a\\":1,{","b":"\\\\","c":"a\\\\\\":"}',
    '{"a":{"b":1},"b":{"a":1}}',
    '{"a":["a","b",{"a":1}],"b":-1.5e3,"c":true}',
    '["a:1","a:1",{"a":1,"a":2}]',
    `{"a":"${'\\\\'.repeat(2_000_000)}","b":1}`,
  ])('sees none in %s', (json) => {
    expect([...findRepeatedKeys(json)]).toEqual([]);
  });
});
