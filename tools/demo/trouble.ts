import type { SandboxProcess, SandboxVendor } from './sandbox-process.ts';

/** Makes one vendor refuse, one limit, and one answer garbage. */
export async function causeTrouble(sandbox: SandboxProcess): Promise<void> {
  await sandbox.fail('clevertap', {
    fault: { type: 'status', status: 401, body: { status: 'fail', error: 'Not authorized', code: 401 } },
    times: 'infinity',
  });
  await sandbox.fail('mixpanel', {
    fault: {
      type: 'status',
      status: 429,
      headers: { 'retry-after': '6' },
      body: { error: 'too many requests', status: 'error' },
    },
    method: 'POST',
    path: 'data-deletions',
    times: 'infinity',
  });
  await sandbox.fail('altcraft', { fault: { type: 'html' }, times: 'infinity' });
}

/** Lets everybody recover. */
export async function endTrouble(sandbox: SandboxProcess): Promise<void> {
  for (const vendor of ['clevertap', 'mixpanel', 'altcraft'] as const) await sandbox.recover(vendor);
}

// The calls that ask for a deletion, at vendors that had no trouble.
const untroubled: readonly { vendor: SandboxVendor; route: RegExp; words: string }[] = [
  { vendor: 'mixpanel', route: /\/engage$/, words: 'Mixpanel profile deletions' },
  { vendor: 'segment', route: /\/regulations/, words: 'Segment regulations' },
  { vendor: 'segment', route: /external_ids\/delete/, words: 'Segment identifier deletions' },
];

/** How many deletions the untroubled vendors have been asked for so far. */
export async function submissionCounts(sandbox: SandboxProcess): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const { vendor, route, words } of untroubled) {
    const requests = (await sandbox.requestCounts(vendor)).filter(
      (request) => request.method === 'POST' && route.test(request.route) && !request.route.includes('query'),
    );
    counts.set(
      words,
      requests.reduce((sum, { count }) => sum + count, 0),
    );
  }
  return counts;
}

/** What was asked for again, in words. */
export function repeatedCalls(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): string[] {
  return [...after].flatMap(([words, count]) => {
    const more = count - (before.get(words) ?? 0);
    return more === 0 ? [] : [`${words}: ${more} more`];
  });
}
