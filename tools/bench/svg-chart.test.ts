import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Chart, drawChart } from './svg-chart.ts';

const chart: Chart = {
  title: 'Peak <memory> & more',
  xTitle: 'subjects',
  yTitle: 'MB',
  yScale: 'linear',
  series: [
    {
      name: 'measured',
      points: [
        [10_000, 100],
        [100_000, 150],
        [1_000_000, 200],
      ],
    },
    {
      name: 'wanted',
      points: [
        [10_000, 250],
        [1_000_000, 250],
      ],
      isDashed: true,
    },
  ],
};

const circlesOf = (svg: string) =>
  [...svg.matchAll(/<circle cx="([^"]+)" cy="([^"]+)"/g)].map(([, x, y]) => [Number(x), Number(y)] as const);

/** Tags that are opened and not closed, or closed and not opened. */
function unbalanced(svg: string): readonly string[] {
  const open: string[] = [];
  for (const [, slash, name = '', end] of svg.matchAll(/<(\/?)([a-z]+)[^>]*?(\/?)>/g)) {
    if (slash === '/') {
      if (open.pop() !== name) return [name];
    } else if (end !== '/') open.push(name);
  }
  return open;
}

describe('drawChart', () => {
  it('draws a point for each measurement, and none for a bound', () => {
    expect(circlesOf(drawChart(chart))).toHaveLength(3);
    expect(drawChart(chart)).toContain('stroke-dasharray');
  });

  it('puts a tenfold x at equal distances and a larger y higher', () => {
    const [first, second, third] = circlesOf(drawChart(chart));
    expect((second?.[0] ?? 0) - (first?.[0] ?? 0)).toBeCloseTo((third?.[0] ?? 0) - (second?.[0] ?? 0), 0);
    expect((second?.[1] ?? 0) - (first?.[1] ?? 0)).toBeCloseTo((third?.[1] ?? 0) - (second?.[1] ?? 0), 0);
    expect(third?.[1]).toBeLessThan(first?.[1] ?? 0);
  });

  it('gives a bound the colour of what it bounds, and others colours of their own', () => {
    const points = [[1, 1]] as const;
    const series = [
      { name: 'a', points },
      { name: 'bound of a', points, isDashed: true, belongsToLast: true },
      { name: 'b', points },
    ];
    const svg = drawChart({ ...chart, series });
    const [a, bound, b] = [...svg.matchAll(/h22" stroke="(#[0-9a-f]+)"/g)].map(([, color]) => color);
    expect(bound).toBe(a);
    expect(b).not.toBe(a);
  });

  it('writes titles as text and not as tags', () => {
    const svg = drawChart(chart);
    expect(svg).toContain('Peak &lt;memory&gt; &amp; more');
    expect(unbalanced(svg)).toEqual([]);
  });

  it('keeps every point inside of the frame, whatever was measured', () => {
    const positive = fc.double({ noNaN: true, min: 1e-3, max: 1e9 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(positive, positive), { minLength: 1 }),
        fc.constantFrom('linear', 'log'),
        (points, yScale) => {
          const svg = drawChart({ ...chart, yScale, series: [{ name: 'any', points }] });
          for (const [x, y] of circlesOf(svg)) {
            expect(x).toBeGreaterThanOrEqual(90);
            expect(x).toBeLessThanOrEqual(560);
            expect(y).toBeGreaterThanOrEqual(48);
            expect(y).toBeLessThanOrEqual(350);
          }
        },
      ),
    );
  });
});
