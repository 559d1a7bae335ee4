import { readFileSync } from 'node:fs';
import { type BenchConnector, columnsOf } from '../bench-connectors.ts';
import type { BenchRow, Figure } from '../bench-row.ts';
import { writeAsJavaScript } from '../load-into-command.ts';
import { numberWords } from '../number-words.ts';
import { writePeople } from '../people.ts';
import { ratiosOf, summarize } from '../statistics.ts';
import { openWorkplace } from '../workplace.ts';
import { deleteList } from './compare-with-bare-loop.ts';

const connectors: readonly BenchConnector[] = ['mixpanel-gdpr', 'mixpanel-profile', 'clevertap', 'segment-regulation'];
const mostMb = 250;
const flatness = 1.3;

/** Whether a long list takes more memory than a short one. */
export const memory: BenchRow = {
  name: 'memory',
  title: 'Peak memory of the command, at four connectors',
  async measure({ scratch, vendor, say, subjects: largest = 100_000, repeats = 2 }) {
    const smallest = Math.min(10_000, Math.max(1, Math.round(largest / 10)));
    const sizes = [...new Set([smallest, largest])];
    const place = openWorkplace(scratch, 'memory', vendor.url, connectors);
    const reportPeak = writeAsJavaScript('report-peak-memory', place.folder);
    const peaks = new Map(sizes.map((size) => [size, [] as number[]]));
    for (let round = 1; round <= repeats; round += 1) {
      for (const size of sizes) {
        say(`${numberWords(size)} subjects, round ${round} of ${repeats}`);
        writePeople(place.path('people.csv'), size, columnsOf(connectors));
        await deleteList(place, vendor, 'people.csv', size, {
          nodeArguments: ['--import', reportPeak],
          environment: { BENCH_PEAK: place.path('peak') },
        });
        peaks.get(size)?.push(Number(readFileSync(place.path('peak'), 'utf8')) / 1e6);
      }
    }
    const base = peaks.get(sizes[0] ?? 0) ?? [];
    const figures = sizes.map((size): Figure => {
      const values = peaks.get(size) ?? [];
      const figure = { what: `${numberWords(size)} subjects`, unit: 'MB', values };
      if (size === sizes[0]) return figure;
      const ratios = ratiosOf(values, base);
      const isMet = summarize(ratios).median <= flatness && summarize(values).median <= mostMb;
      const against = { what: `${numberWords(sizes[0] ?? 0)} subjects`, values: base };
      return { ...figure, against, ratios, target: { text: `≤ ${flatness} times, ≤ ${mostMb} MB`, isMet } };
    });
    const points = sizes.map((size) => [size, summarize(peaks.get(size) ?? []).median] as const);
    return {
      figures,
      notes: [
        `\`expunge delete\` with ${connectors.join(', ')}, from the CSV file to the settled ledger: four tasks a subject. The peak of resident memory of the whole process, as the kernel counts it (VmHWM).`,
        'Everybody was deleted exactly once at each of the four; the vendor was asked after each run.',
      ],
      curve: {
        file: 'memory.svg',
        chart: {
          title: 'Peak memory over the number of subjects',
          xTitle: 'subjects in the list, four connectors',
          yTitle: 'peak resident memory, MB',
          yScale: 'linear',
          series: [
            { name: 'expunge delete', points },
            { name: `${mostMb} MB, the most wanted`, points: points.map(([size]) => [size, mostMb]), isDashed: true },
          ],
        },
      },
    };
  },
};
