import type { BenchConnector } from '../bench-connectors.ts';
import { callsInFlight } from '../bench-connectors.ts';
import type { BenchRow, Figure } from '../bench-row.ts';
import { numberWords } from '../number-words.ts';
import { ratiosOf, summarize } from '../statistics.ts';
import { type Comparison, compareWithBareLoop, ratesOf } from './compare-with-bare-loop.ts';

const connectors: readonly BenchConnector[] = ['mixpanel-gdpr', 'mixpanel-profile', 'clevertap', 'segment-regulation'];
const wanted = 100_000;

/** How fast a list is deleted at vendors that take many people in a call and answer at once. */
export const throughput: BenchRow = {
  name: 'throughput',
  title: 'Throughput of the durable path, without vendor latency',
  async measure(context) {
    const { subjects = 100_000, repeats = 3 } = context;
    const figures: Figure[] = [];
    const calls: string[] = [];
    for (const name of connectors.filter(context.isWanted)) {
      const comparison = await compareWithBareLoop(context, name, { subjects, repeats });
      figures.push(...figuresOf(comparison, subjects));
      calls.push(`${name} ${numberWords(comparison.calls)} calls, ${callsInFlight[name]} at a time`);
    }
    return {
      figures,
      notes: [
        `${numberWords(subjects)} subjects a run, from the CSV file to the settled ledger on disk: ${calls.join('; ')}. The vendors' limits of rate are lifted.`,
        'The bare loop sends the recorded calls again: the same bodies, headers, order and number at a time, over open connections, by undici alone. It reads no CSV and keeps nothing; reading the recorded calls, connecting and one call for each connection are not counted.',
        'What one run costs whatever its length (a run with one person, measured in the same round) is taken off, except in the lines "with the start".',
        'After each run the vendor is asked whether everybody was deleted exactly once, and nobody else. It only keeps the bodies meanwhile; its own work is in the table.',
      ],
    };
  },
};

function figuresOf(comparison: Comparison, subjects: number): readonly Figure[] {
  const { name, commandMs, bareMs, vendorCpuMs } = comparison;
  const rates = ratesOf(comparison, subjects);
  const bareRates = bareMs.map((ms) => subjects / (ms / 1000));
  return [
    {
      what: name,
      unit: 'subjects/s',
      values: rates,
      against: { what: 'bare loop', values: bareRates },
      ratios: ratiosOf(rates, bareRates),
      target: { text: `≥ ${numberWords(wanted)}`, isMet: summarize(rates).median >= wanted },
    },
    {
      what: `${name}, with the start of the process`,
      unit: 'subjects/s',
      values: commandMs.map((ms) => subjects / (ms / 1000)),
    },
    {
      what: `${name}, time of a subject`,
      unit: 'µs',
      values: rates.map((rate) => 1e6 / rate),
      against: { what: "of it the vendor's own work", values: vendorCpuMs.map((ms) => (ms * 1000) / subjects) },
    },
  ];
}
