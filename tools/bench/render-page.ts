import { allRows } from './all-rows.ts';
import type { Figure } from './bench-row.ts';
import { machineWords } from './machine-facts.ts';
import { numberWords } from './number-words.ts';
import type { RecordedRow, Recording } from './recordings.ts';
import { markdownTable, renderRow } from './render-table.ts';
import { summarize } from './statistics.ts';

const start = '<!-- results: written by pnpm bench --record -->';
const end = '<!-- end of the results -->';

/**
 * The page with a summary of these recordings between its markers; everything else stays. All figures are in the recordings.
 *
 * @throws Error where the page has no markers.
 */
export function renderPage(page: string, recordings: ReadonlyMap<string, Recording>): string {
  const from = page.indexOf(start);
  const to = page.indexOf(end);
  if (from === -1 || to < from) throw new Error(`The page has no ${start} with ${end} after it.`);
  const parts = [renderTargets(recordings), renderList(recordings), ...renderCurves(recordings)];
  return `${page.slice(0, from + start.length)}\n\n${parts.join('\n\n')}\n\n${page.slice(to)}`;
}

/** Everything that was measured for these rows of a recording, as tables. */
export function renderRecording(recording: Recording, rows: readonly { name: string; title: string }[]): string {
  const sections = rows.flatMap(({ name, title }) => {
    const recorded = recording[name];
    return recorded === undefined
      ? []
      : [`## ${title}\n\n\`pnpm bench ${name}\`: ${settingsWords(recorded)}\n\n${renderRow(recorded.result)}`];
  });
  return sections.join('\n\n');
}

/** What was to be reached, and what the two newest recordings of the same figure say. An older one is named. */
function renderTargets(recordings: ReadonlyMap<string, Recording>): string {
  const named = [...recordings].toReversed();
  const usual = named.slice(0, 2).map(([name]) => name);
  const lines = allRows.flatMap(({ name: row }) => {
    const newest = named.find(([, rows]) => rows[row] !== undefined)?.[1][row];
    return targetsOf(newest).map(({ what, unit, target }) => {
      const same = named.flatMap(([recording, rows]) => {
        const figure = targetsOf(rows[row]).find((each) => each.what === what && each.unit === unit);
        return figure === undefined ? [] : [{ recording, words: targetWords(figure) }];
      });
      const cells = usual.map((name, index) => {
        const { recording = name, words = '' } = same[index] ?? {};
        return recording === name ? words : `${words}, \`${recording}\``;
      });
      return [`${what}, ${unit}`, target?.text ?? '', ...cells];
    });
  });
  return markdownTable(['what', 'target', ...usual.map((name) => `\`${name}\``)], lines);
}

function targetsOf(recorded: RecordedRow | undefined): readonly Figure[] {
  return (recorded?.result.figures ?? []).filter(({ target }) => target !== undefined);
}

// The median; a ratio in brackets; a target that is missed stands out.
function targetWords({ values, ratios, target }: Figure): string {
  const ratio = ratios === undefined ? '' : ` (${numberWords(summarize(ratios).median)})`;
  const words = `${numberWords(summarize(values).median)}${ratio}`;
  return target?.isMet === false ? `**${words}**` : words;
}

function renderList(recordings: ReadonlyMap<string, Recording>): string {
  return [...recordings]
    .map(([name, rows]) => {
      const times = Object.values(rows).map(({ machine }) => machine.measuredAt);
      const revisions = [...new Set(Object.values(rows).map(({ machine }) => machine.revision))];
      const { machine } = Object.values(rows)[0] ?? {};
      const where = machine === undefined ? '' : `: ${machine.cpu}, ${machine.cores} cores, Node ${machine.node}`;
      return `- [\`${name}\`](benchmarks/${name}.json)${where}; ${times.toSorted()[0]} UTC; ${revisions.join(', ')}`;
    })
    .join('\n');
}

function renderCurves(recordings: ReadonlyMap<string, Recording>): string[] {
  return allRows.flatMap(({ name }) => {
    const curve = [...recordings.values()].findLast((rows) => rows[name] !== undefined)?.[name]?.result.curve;
    return curve === undefined ? [] : [`![${curve.chart.title}](benchmarks/${curve.file})`];
  });
}

function settingsWords({ machine, settings }: RecordedRow): string {
  const options = Object.entries(settings).map(([name, value]) => `\`--${name} ${value}\``);
  const with_ = options.length === 0 ? '' : `, with ${options.join(' ')}`;
  return `${machineWords(machine)}${with_}.`;
}
