import { numberWords } from './number-words.ts';

/** A line of a chart. */
export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** A bound rather than a measurement. */
  readonly isDashed?: boolean;
  /** The series before it has the same colour: it is the bound of that one. */
  readonly belongsToLast?: boolean;
}

/** A chart of lines over a logarithmic x axis. */
export interface Chart {
  readonly title: string;
  readonly xTitle: string;
  readonly yTitle: string;
  readonly yScale: 'linear' | 'log';
  readonly series: readonly Series[];
}

interface Axis {
  readonly ticks: readonly number[];
  /** 0 at the beginning of the axis, 1 at its end. */
  place(value: number): number;
}

const width = 760;
const height = 420;
const plot = { left: 90, top: 48, right: 560, bottom: 350 };
const colors = ['#1f5fa8', '#b3541e', '#2f7d4f', '#7a3f98', '#7a6a1d'];

/** Draws a chart as SVG. */
export function drawChart(chart: Chart): string {
  const points = chart.series.flatMap((series) => series.points);
  const x = logAxis(points.map(([value]) => value));
  const ys = points.map(([, value]) => value);
  const y = chart.yScale === 'log' ? logAxis(ys) : linearAxis(ys);
  const toX = (value: number) => round(plot.left + x.place(value) * (plot.right - plot.left));
  const toY = (value: number) => round(plot.bottom - y.place(value) * (plot.bottom - plot.top));
  const parts = [
    text(plot.left, 26, chart.title, 'font-size="16" font-weight="600"'),
    ...y.ticks.flatMap((tick) => [
      line(plot.left, toY(tick), plot.right, toY(tick), '#ddd'),
      text(plot.left - 8, toY(tick) + 4, numberWords(tick), 'text-anchor="end"'),
    ]),
    ...x.ticks.flatMap((tick) => [
      line(toX(tick), plot.top, toX(tick), plot.bottom, '#eee'),
      text(toX(tick), plot.bottom + 18, numberWords(tick), 'text-anchor="middle"'),
    ]),
    line(plot.left, plot.bottom, plot.right, plot.bottom, '#444'),
    line(plot.left, plot.top, plot.left, plot.bottom, '#444'),
    text((plot.left + plot.right) / 2, plot.bottom + 44, chart.xTitle, 'text-anchor="middle"'),
    `<g transform="translate(20 ${(plot.top + plot.bottom) / 2}) rotate(-90)">${text(0, 0, chart.yTitle, 'text-anchor="middle"')}</g>`,
    ...chart.series.map((series, index) =>
      drawSeries(series, { index, color: colorAt(chart.series, index) }, toX, toY),
    ),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeText(chart.title)}" font-family="system-ui, sans-serif" font-size="12" fill="#222">
<rect width="${width}" height="${height}" fill="#fff"/>
${parts.join('\n')}
</svg>
`;
}

function colorAt(series: readonly Series[], index: number): string {
  const owners = series.slice(0, index + 1).filter(({ belongsToLast }) => belongsToLast !== true);
  return colors[(owners.length - 1) % colors.length] ?? '#222';
}

function drawSeries(
  series: Series,
  { index, color }: { readonly index: number; readonly color: string },
  toX: (x: number) => number,
  toY: (y: number) => number,
): string {
  const path = series.points.map(([x, y], at) => `${at === 0 ? 'M' : 'L'}${toX(x)} ${toY(y)}`).join(' ');
  const dash = series.isDashed === true ? ' stroke-dasharray="5 4"' : '';
  const dots =
    series.isDashed === true
      ? []
      : series.points.map(([x, y]) => `<circle cx="${toX(x)}" cy="${toY(y)}" r="3" fill="${color}"/>`);
  const legendY = plot.top + 12 + index * 22;
  return [
    `<path d="${path}" fill="none" stroke="${color}" stroke-width="2"${dash}/>`,
    ...dots,
    `<path d="M${plot.right + 16} ${legendY - 4}h22" stroke="${color}" stroke-width="2"${dash}/>`,
    text(plot.right + 44, legendY, series.name, ''),
  ].join('\n');
}

/** Ticks at powers of ten, from the one at or below the smallest value to the one at or above the largest. */
function logAxis(values: readonly number[]): Axis {
  const positive = values.filter((value) => value > 0);
  const low = Math.floor(Math.log10(Math.min(...positive)) + 1e-9);
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...positive)) - 1e-9));
  return {
    ticks: Array.from({ length: high - low + 1 }, (_, step) => 10 ** (low + step)),
    place: (value) => (Math.log10(value) - low) / (high - low),
  };
}

/** Ticks at round numbers, from 0. */
function linearAxis(values: readonly number[]): Axis {
  const largest = Math.max(...values);
  const rough = largest / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const top = Math.ceil(largest / step) * step;
  return {
    ticks: Array.from({ length: Math.round(top / step) + 1 }, (_, index) => index * step),
    place: (value) => value / top,
  };
}

function text(x: number, y: number, content: string, attributes: string): string {
  return `<text x="${round(x)}" y="${round(y)}"${attributes === '' ? '' : ` ${attributes}`}>${escapeText(content)}</text>`;
}

function line(x1: number, y1: number, x2: number, y2: number, color: string): string {
  return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${color}"/>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escapeText(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
