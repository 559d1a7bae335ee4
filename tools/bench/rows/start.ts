import { columnsOf } from '../bench-connectors.ts';
import type { BenchRow, Figure } from '../bench-row.ts';
import { numberWords } from '../number-words.ts';
import { writePeople } from '../people.ts';
import { runTimed } from '../run-timed.ts';
import { summarize } from '../statistics.ts';
import { openWorkplace } from '../workplace.ts';
import { deleteList } from './compare-with-bare-loop.ts';

const wantedMs = { help: 150, status: 300 };

/** How long the command takes before it does anything. */
export const start: BenchRow = {
  name: 'start',
  title: 'Start of the command',
  async measure({ scratch, vendor, say, subjects = 100_000, repeats = 15 }) {
    const place = openWorkplace(scratch, 'start', vendor.url, ['mixpanel-profile']);
    writePeople(place.path('people.csv'), subjects, columnsOf(['mixpanel-profile']));
    say(`a ledger of ${numberWords(subjects)} requests`);
    await deleteList(place, vendor, 'people.csv', subjects);
    const bare: number[] = [];
    const help: number[] = [];
    const status: number[] = [];
    say(`${repeats} rounds`);
    for (let round = 0; round < repeats; round += 1) {
      bare.push((await runTimed(['-e', '0'], { folder: place.folder })).ms);
      help.push((await place.expunge(['--help'])).ms);
      status.push((await place.expunge(['status'])).ms);
    }
    return {
      figures: [
        figureOf('`expunge --help`', help, bare, wantedMs.help),
        figureOf(`\`expunge status\`, ${numberWords(subjects)} requests in the ledger`, status, bare, wantedMs.status),
      ],
      notes: ['From the start of the process to its end, by turns with `node -e 0`.'],
    };
  },
};

function figureOf(what: string, values: readonly number[], bare: readonly number[], wanted: number): Figure {
  const more = values.map((ms, round) => ms - (bare[round] ?? Number.NaN));
  return {
    what,
    unit: 'ms',
    values,
    against: { what: 'node -e 0', values: bare },
    ratios: more,
    ratioUnit: 'ms more',
    target: { text: `≤ ${wanted} ms more`, isMet: summarize(more).median <= wanted },
  };
}
