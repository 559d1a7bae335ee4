import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonInvalidError, parseJson, readJson } from './parse-json.ts';

describe('parseJson', () => {
  it('keeps every digit of an integer beyond 2^53, wherever it stands', () => {
    const id = '1700312345678901234';
    expect(parseJson(`{"id":${id},"list":[1,${id},[${id}]],"deep":{"a":[{"b":-${id}}]}}`)).toEqual({
      id,
      list: [1, id, [id]],
      deep: { a: [{ b: `-${id}` }] },
    });
    expect(parseJson(id)).toBe(id);
  });

  it('keeps any integer as a number where that is exact, as a string of its digits elsewhere', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }), (integer) => {
        const isExact = Number.isSafeInteger(Number(integer)) && BigInt(Number(integer)) === integer;
        const expected = isExact ? Number(integer) : String(integer);
        expect(parseJson(`[${integer}]`)).toEqual([expected]);
        expect(parseJson(`{"a":${integer}}`)).toEqual({ a: expected });
      }),
    );
  });

  it('leaves everything else as JSON.parse reads it', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const hasBigNumber = /\d{16}/.test(text) || /e/i.test(text);
        fc.pre(!hasBigNumber);
        expect(parseJson(text)).toEqual(JSON.parse(text));
      }),
    );
    expect(parseJson('[1.5,-0.25,1e3,12345678901234567000.5,1E20,"12345678901234567890"]')).toEqual([
      1.5,
      -0.25,
      1000,
      12345678901234567000,
      1e20,
      '12345678901234567890',
    ]);
  });

  it('makes no JSON of what is none', () => {
    const digits = '12345678901234567890';
    for (const text of [
      `{${digits}:1}`,
      `{${digits} :1}`,
      `[1 ${digits}]`,
      `[0${digits}]`,
      `[${digits}a]`,
      `[--${digits}]`,
    ]) {
      expect(() => parseJson(text), text).toThrow(JsonInvalidError);
    }
    const quoted = String.raw`{"a\\":${digits},"b\"":[${digits} ],"${digits}":"${digits}"}`;
    expect(parseJson(quoted)).toEqual({ 'a\\': digits, 'b"': [digits], [digits]: digits });
  });

  it('refuses more values and deeper nesting than is read, and says so', () => {
    const list = (length: number) => `[${'0,'.repeat(length - 1)}0]`;
    expect(parseJson(list(100_000))).toHaveLength(100_000);
    for (const text of [list(100_001), '['.repeat(101), `{"a":${'['.repeat(100)}${']'.repeat(100)}}`]) {
      expect(() => parseJson(text)).toThrow(expect.objectContaining({ reason: 'too-large' }));
    }
    expect(parseJson(list(200_000), { maxValues: 200_000 })).toHaveLength(200_000);
  });

  it('says nothing of a text that is not JSON', () => {
    for (const text of ['', 'canary', '{"canary":', '<html>canary</html>', '{"a":1}canary']) {
      let thrown: unknown;
      try {
        parseJson(text);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(JsonInvalidError);
      expect(String(thrown)).not.toContain('canary');
      expect((thrown as Error).cause).toBeUndefined();
    }
  });
});

describe('readJson', () => {
  it('reads as parseJson does, and gives undefined where there is no JSON', () => {
    expect(readJson('{"id":1700312345678901234}')).toEqual({ id: '1700312345678901234' });
    expect(['', '<html>', '{"id":'].map(readJson)).toEqual([undefined, undefined, undefined]);
  });
});
