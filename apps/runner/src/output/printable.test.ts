import { describe, expect, it } from 'vitest';
import { printable, printableJson, printableLine, printableLines } from './printable.ts';

const escapeCode = String.fromCharCode(0x1b);

describe('printable', () => {
  it.each([
    ['R-1 "Größe" 名前 👩‍💻', 'R-1 "Größe" 名前 👩\\u{200d}💻'],
    [`${escapeCode}[2J`, '\\u{1b}[2J'],
    ['\u009b8m', '\\u{9b}8m'],
    ['a\nb\r\tc', 'a\\nb\\r\\tc'],
    ['abc\u202edcba\u2066', 'abc\\u{202e}dcba\\u{2066}'],
    ['zero\u200bwidth\ufeff\u00ad', 'zero\\u{200b}width\\u{feff}\\u{ad}'],
    ['line\u2028paragraph\u2029', 'line\\u{2028}paragraph\\u{2029}'],
    ['\ud800x', '\\u{d800}x'],
    ['filler\u3164\u2800', 'filler\\u{3164}\\u{2800}'],
    ['tag\u{e0041}', 'tag\\u{e0041}'],
  ])('%j is printed as %j', (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it('goes through lists and objects, keys too', () => {
    const at = new Date(0);
    expect(printable({ a: ['\b', 1, null], '\u202e': { at, deep: '\0' } })).toEqual({
      a: ['\\u{8}', 1, null],
      '\\u{202e}': { at, deep: '\\u{0}' },
    });
  });
});

describe('printableLines', () => {
  it('keeps line breaks and the colors of ours, and nothing that hides text', () => {
    expect(
      printableLines(`${escapeCode}[31mred${escapeCode}[39m\nnext ${escapeCode}[8m${escapeCode}]0;title\u0007`),
    ).toBe(`${escapeCode}[31mred${escapeCode}[39m\nnext \\u{1b}[8m\\u{1b}]0;title\\u{7}`);
    expect(printableLine(`${escapeCode}[31mone\nline${escapeCode}[39m`)).toBe(
      `${escapeCode}[31mone\\nline${escapeCode}[39m`,
    );
  });
});

describe('printableJson', () => {
  it('means the same', () => {
    const value = { 'id\u202e': `${escapeCode}[2J\u009b\u2028\u{e0041}\n`, list: [1, '\ud800'] };
    const json = printableJson(JSON.stringify(value, undefined, 2));
    expect(JSON.parse(json)).toEqual(value);
    expect(printableLines(json)).toBe(json);
  });
});
