import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { type BenchConnector, columnsOf } from '../bench-connectors.ts';
import type { BenchRow, Breakdown, Figure } from '../bench-row.ts';
import { numberWords } from '../number-words.ts';
import { writePeople } from '../people.ts';
import { openWorkplace } from '../workplace.ts';
import { deleteList } from './compare-with-bare-loop.ts';

const one: readonly BenchConnector[] = ['mixpanel-gdpr'];
const four: readonly BenchConnector[] = ['mixpanel-gdpr', 'mixpanel-profile', 'clevertap', 'segment-regulation'];

/** How large the ledger of a settled list is, and what it holds. */
export const ledgerSize: BenchRow = {
  name: 'ledger-size',
  title: 'Size of the ledger',
  async measure({ scratch, vendor, say, subjects = 100_000 }) {
    const figures: Figure[] = [];
    const breakdowns: Breakdown[] = [];
    for (const connectors of [one, four]) {
      const title = connectors.length === 1 ? 'one connector' : `${connectors.length} connectors`;
      say(title);
      const place = openWorkplace(scratch, 'ledger-size', vendor.url, connectors);
      const csvBytes = writePeople(place.path('people.csv'), subjects, columnsOf(connectors));
      await deleteList(place, vendor, 'people.csv', subjects);
      const bytes = statSync(place.path('ledger.db')).size;
      figures.push({
        what: `${title}, a settled subject`,
        unit: 'bytes',
        values: [bytes / subjects],
        against: { what: 'its row of the CSV', values: [csvBytes / subjects] },
        ratios: [bytes / csvBytes],
      });
      breakdowns.push({
        title: `Where they go, with ${title}`,
        columns: ['table or index', 'bytes a subject', 'share'],
        lines: sizesOf(place.path('ledger.db')).map(({ name, size }) => [
          `\`${name}\``,
          size / subjects,
          `${Math.round((100 * size) / bytes)} %`,
        ]),
      });
    }
    return {
      figures,
      breakdowns,
      notes: [
        `${numberWords(subjects)} subjects with a request id and a user id (a UUID); the file after the command has ended, identifiers still encrypted in it. By table as SQLite's dbstat counts pages; what is below 1 % is left out.`,
      ],
    };
  },
};

function sizesOf(path: string): readonly { readonly name: string; readonly size: number }[] {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const sizes = database
      .prepare('SELECT name, sum(pgsize) AS size FROM dbstat GROUP BY name ORDER BY size DESC')
      .all()
      .map(({ name, size }) => ({ name: String(name), size: Number(size) }));
    const total = sizes.reduce((sum, { size }) => sum + size, 0);
    return sizes.filter(({ size }) => size >= total / 100);
  } finally {
    database.close();
  }
}
