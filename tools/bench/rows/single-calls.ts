import { type BenchConnector, callsInFlight } from '../bench-connectors.ts';
import type { BenchRow, Figure } from '../bench-row.ts';
import { numberWords } from '../number-words.ts';
import { ratiosOf, summarize } from '../statistics.ts';
import { compareWithBareLoop, ratesOf } from './compare-with-bare-loop.ts';

const connectors: readonly BenchConnector[] = ['altcraft', 'segment-identifier'];
const wanted = 0.7;

/** How fast people are deleted at vendors that take one in a call. */
export const singleCalls: BenchRow = {
  name: 'single-calls',
  title: 'One call per subject',
  async measure(context) {
    const { subjects = 20_000, repeats = 3 } = context;
    const figures: Figure[] = [];
    for (const name of connectors.filter(context.isWanted)) {
      const comparison = await compareWithBareLoop(context, name, { subjects, repeats });
      const rates = ratesOf(comparison, comparison.calls);
      const bareRates = comparison.bareMs.map((ms) => comparison.calls / (ms / 1000));
      const ratios = ratiosOf(rates, bareRates);
      figures.push({
        what: `${name}, ${callsInFlight[name]} calls at a time`,
        unit: 'calls/s',
        values: rates,
        against: { what: 'bare loop', values: bareRates },
        ratios,
        target: { text: `≥ ${wanted} of it`, isMet: summarize(ratios).median >= wanted },
      });
    }
    return {
      figures,
      notes: [
        `${numberWords(subjects)} subjects a run, from the CSV file to the settled ledger on disk, measured as in the row of the throughput.`,
        'Altcraft with lookUp and readBackById off, so that a subject is one call, as it is for the bare loop; its callsInFlight is at the maximum.',
      ],
    };
  },
};
