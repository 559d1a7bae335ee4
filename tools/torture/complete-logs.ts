import type { ReceivedRequest, RequestCount } from '../demo/sandbox-process.ts';

/** Vendors whose log no longer has every request that they have counted: of what is missing nothing can be said. */
export function cutOffLogs(
  requests: ReadonlyMap<string, readonly ReceivedRequest[]>,
  counts: ReadonlyMap<string, readonly RequestCount[]>,
): readonly string[] {
  return [...counts].flatMap(([vendor, each]) => {
    const counted = each.reduce((sum, { count }) => sum + count, 0);
    const kept = requests.get(vendor)?.length ?? 0;
    return kept < counted
      ? [
          `${vendor}: the sandbox kept ${kept} of ${counted} requests. Nothing is shown without all: torture for less long.`,
        ]
      : [];
  });
}
