import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FirstLines } from './first-lines.ts';

describe('FirstLines', () => {
  it('knows each id by the line on which it stood first, as a map would', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 3 }), { maxLength: 200 }), (ids) => {
        const lines = new FirstLines();
        const map = new Map<string, number>();
        for (const [index, id] of ids.entries()) {
          expect(lines.note(id, index + 1)).toBe(map.get(id));
          if (!map.has(id)) map.set(id, index + 1);
        }
      }),
    );
  });

  it('still knows all when it has grown', () => {
    const lines = new FirstLines();
    for (let line = 1; line <= 20_000; line += 1) expect(lines.note(`req-${line}`, line)).toBeUndefined();
    for (let line = 1; line <= 20_000; line += 1) expect(lines.note(`req-${line}`, 99_999)).toBe(line);
  });
});
