import type { PostgresServer } from '../postgres-server.ts';
import { type BenchConnector, columnsOf } from './bench-connectors.ts';
import type { BenchContext } from './bench-row.ts';
import { openFleetPlace } from './fleet-place.ts';
import { writePeople } from './people.ts';

/**
 * Has a fleet delete a list at the lean vendor. How long that took, in milliseconds, without what a run costs whatever its
 * length. Throws where not everybody was deleted exactly once.
 */
export async function runFleet(
  { scratch, vendor }: BenchContext,
  server: PostgresServer,
  setting: {
    readonly name: BenchConnector;
    readonly workers: number;
    readonly subjects: number;
    readonly latencyMs: number;
  },
): Promise<number> {
  const { name, workers, subjects, latencyMs } = setting;
  const measure = async (count: number) => {
    await vendor.reset({ latencyMs });
    const fleet = await openFleetPlace(server, { scratch, url: vendor.url, choice: name, workers });
    try {
      writePeople(fleet.place.path('people.csv'), count, columnsOf([name]));
      const ms = await fleet.deleteList('people.csv');
      const { missing, repeated, strangers } = await vendor.judge(count);
      if (missing + repeated + strangers === 0) return ms;
      throw new Error(
        `Of ${count} people, ${missing} were not deleted, ${repeated} twice, and ${strangers} strangers.`,
      );
    } finally {
      await fleet.close();
    }
  };
  return (await measure(subjects)) - (await measure(1));
}
