import { fileURLToPath } from 'node:url';
import { type BenchConnector, callsInFlight, columnsOf } from '../bench-connectors.ts';
import type { BenchContext } from '../bench-row.ts';
import { writePeople } from '../people.ts';
import { runTimed } from '../run-timed.ts';
import type { VendorProcess } from '../vendor-process.ts';
import { openWorkplace, root, type Workplace } from '../workplace.ts';

/** The program of the bare loop. */
export const bareLoop = fileURLToPath(new URL('../programs/bare-loop.ts', import.meta.url));

/** One connector's command and the bare loop, measured by turns. Everything in milliseconds. */
export interface Comparison {
  readonly name: BenchConnector;
  readonly calls: number;
  /** `expunge delete`, from the start of its process to its end. */
  readonly commandMs: number[];
  /** The same for a list of one person: what every run costs, however long its list. */
  readonly shortestMs: number[];
  /** The same calls by the bare loop, from its first call to its last answer. */
  readonly bareMs: number[];
  /** What the vendor's process worked while the command ran. */
  readonly vendorCpuMs: number[];
}

/**
 * Deletes a list with the command, records the calls, and then measures by turns: the command on a fresh ledger, the
 * command with one person, the bare loop with the recorded calls.
 *
 * @throws Error where not everybody on the list was deleted exactly once: then there is nothing to compare.
 */
export async function compareWithBareLoop(
  { scratch, vendor, say }: BenchContext,
  name: BenchConnector,
  { subjects, repeats }: { readonly subjects: number; readonly repeats: number },
): Promise<Comparison> {
  const place = openWorkplace(scratch, name, vendor.url, [name]);
  writePeople(place.path('people.csv'), subjects, columnsOf([name]));
  writePeople(place.path('one.csv'), 1, columnsOf([name]));
  say(`${name}: recording the calls`);
  await deleteList(place, vendor, 'people.csv', subjects);
  await vendor.writeCalls(place.path('calls.jsonl'));
  const { calls } = await vendor.usage();
  const comparison: Comparison = { name, calls, commandMs: [], shortestMs: [], bareMs: [], vendorCpuMs: [] };
  for (let round = 1; round <= repeats; round += 1) {
    say(`${name}: round ${round} of ${repeats}`);
    const { ms, cpuMs } = await deleteList(place, vendor, 'people.csv', subjects);
    comparison.commandMs.push(ms);
    comparison.vendorCpuMs.push(cpuMs);
    comparison.shortestMs.push((await deleteList(place, vendor, 'one.csv', 1)).ms);
    comparison.bareMs.push(await sendAgain(place, vendor, name));
  }
  return comparison;
}

/** Deletes a list on a fresh ledger, and sees at the vendor that it happened. */
export async function deleteList(
  place: Workplace,
  vendor: VendorProcess,
  list: string,
  people: number,
  options: Parameters<Workplace['expunge']>[1] = {},
): Promise<{ readonly ms: number; readonly cpuMs: number }> {
  place.forget();
  await vendor.reset();
  const { ms } = await place.expunge(['delete', list, '--quiet', '--wait', '10s'], options);
  const { cpuMs } = await vendor.usage();
  const { missing, repeated, strangers } = await vendor.judge(people);
  if (missing + repeated + strangers > 0) {
    throw new Error(`Of ${people} people, ${missing} were not deleted, ${repeated} twice, and ${strangers} strangers.`);
  }
  return { ms, cpuMs };
}

async function sendAgain(place: Workplace, vendor: VendorProcess, name: BenchConnector): Promise<number> {
  await vendor.reset();
  const parameters = [bareLoop, place.path('calls.jsonl'), vendor.url, String(callsInFlight[name])];
  const { output } = await runTimed(parameters, { folder: root });
  const { ms }: { ms: number } = JSON.parse(output);
  return ms;
}

/** Calls or subjects a second by the command, its shortest run taken off. */
export function ratesOf({ commandMs, shortestMs }: Comparison, count: number): readonly number[] {
  return commandMs.map((ms, round) => count / ((ms - (shortestMs[round] ?? 0)) / 1000));
}
