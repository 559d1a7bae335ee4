import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pointerSchema, valueAt } from './json-pointer.ts';

// The document of RFC 6901, section 5.
const document: unknown = JSON.parse(
  '{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\\\j":5,"k\\"l":6," ":7,"m~n":8}',
);

describe('valueAt', () => {
  it.each<[string, unknown]>([
    ['', document],
    ['/foo', ['bar', 'baz']],
    ['/foo/0', 'bar'],
    ['/', 0],
    ['/a~1b', 1],
    ['/c%d', 2],
    ['/e^f', 3],
    ['/g|h', 4],
    ['/i\\j', 5],
    ['/k"l', 6],
    ['/ ', 7],
    ['/m~0n', 8],
  ])('finds %j as RFC 6901 does', (pointer, value) => {
    expect(pointerSchema.safeParse(pointer).success).toBe(true);
    expect(valueAt(document, pointer)).toEqual(value);
  });

  it.each(['/foo/2', '/foo/-', '/foo/00', '/foo/01', '/foo/length', '/foo/0/0', '/nothing', '/foo/1e0'])(
    'finds nothing at %j',
    (pointer) => {
      expect(valueAt(document, pointer)).toBeUndefined();
    },
  );

  it.each(['foo', '/a~', '/a~2', 'a/b', '#/foo', '$.foo'])('does not take %j for a pointer', (pointer) => {
    expect(pointerSchema.safeParse(pointer).success).toBe(false);
  });

  it('finds only what stands in the JSON, never what is inherited', () => {
    for (const key of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
      expect(valueAt({}, `/${key}`)).toBeUndefined();
      expect(valueAt([], `/${key}`)).toBeUndefined();
      expect(valueAt('text', `/${key}`)).toBeUndefined();
    }
    expect(valueAt(JSON.parse('{"__proto__":{"a":1}}'), '/__proto__/a')).toBe(1);
  });

  it('takes any pointer and any JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.array(fc.string()), (json, keys) => {
        const pointer = keys.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
        expect(() => valueAt(json, pointer)).not.toThrow();
      }),
    );
  });
});
