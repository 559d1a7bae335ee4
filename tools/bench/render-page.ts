import { allRows } from './all-rows.ts';
import { machineWords } from './machine-facts.ts';
import type { RecordedRow, Recording } from './recordings.ts';
import { renderRow } from './render-table.ts';

const start = '<!-- results: written by pnpm bench --record -->';
const end = '<!-- end of the results -->';

/**
 * The page with these recordings between its markers; everything else stays.
 *
 * @throws Error where the page has no markers.
 */
export function renderPage(page: string, recordings: ReadonlyMap<string, Recording>): string {
  const from = page.indexOf(start);
  const to = page.indexOf(end);
  if (from === -1 || to < from) throw new Error(`The page has no ${start} with ${end} after it.`);
  return `${page.slice(0, from + start.length)}\n\n${renderResults(recordings)}\n\n${page.slice(to)}`;
}

function renderResults(recordings: ReadonlyMap<string, Recording>): string {
  const sections = allRows.flatMap(({ name, title }) => {
    const recorded = [...recordings].flatMap(([recording, rows]) =>
      rows[name] === undefined ? [] : [{ recording, row: rows[name] }],
    );
    if (recorded.length === 0) return [];
    const curve = recorded.at(-1)?.row.result.curve;
    return [
      `### ${title}`,
      `\`pnpm bench ${name}\``,
      ...recorded.map(
        ({ recording, row }) => `Recording \`${recording}\`: ${settingsWords(row)}\n\n${renderRow(row.result)}`,
      ),
      ...(curve === undefined ? [] : [`![${curve.chart.title}](benchmarks/${curve.file})`]),
    ];
  });
  return sections.join('\n\n');
}

function settingsWords({ machine, settings }: RecordedRow): string {
  const options = Object.entries(settings).map(([name, value]) => `\`--${name} ${value}\``);
  const with_ = options.length === 0 ? '' : `, with ${options.join(' ')}`;
  return `${machineWords(machine)}${with_}.`;
}
