import type { DemoReport } from '../demo/compare.ts';
import { isGoneFrom } from '../demo/compare.ts';
import { demoConnectors } from '../demo/demo-config.ts';
import type { DemoPerson } from '../demo/people.ts';
import type { SandboxProcess, SandboxVendor } from '../demo/sandbox-process.ts';

/** What comparing the ledger's claims with the vendors' memories came to. */
export interface Judgement {
  /** Everything that must not be, one sentence each. Names connectors and numbers, never people. */
  readonly faults: readonly string[];
  /** Tasks by connector and state. */
  readonly states: ReadonlyMap<string, number>;
}

/** Compares every pair of person and connector. */
export async function judge(
  sandbox: SandboxProcess,
  people: readonly DemoPerson[],
  report: DemoReport,
): Promise<Judgement> {
  const tasksOf = new Map(
    report.requests.map(({ identifiers, tasks }) => [
      identifiers?.find(({ type }) => type === 'user_id')?.value,
      tasks,
    ]),
  );
  const faults: string[] = [];
  const states = new Map<string, number>();
  for (const connector of demoConnectors) {
    const held = await sandbox.lookup(
      connector.vendor,
      people.map((person) => person[connector.id]),
    );
    people.forEach((person, index) => {
      const tasks = (tasksOf.get(person.userId) ?? []).filter((task) => task.connector === connector.name);
      if (tasks.length !== 1)
        faults.push(`${connector.name}: person ${index} has ${tasks.length} tasks; there must be one.`);
      const isGone = isGoneFrom(connector, person, held[index]);
      for (const { state, assurance, reason } of tasks) {
        const why = assurance ?? reason;
        const name = `${connector.name} ${state}${why === undefined ? '' : ` (${why})`}`;
        states.set(name, (states.get(name) ?? 0) + 1);
        if ((state === 'deleted' || state === 'absent') && !isGone) {
          faults.push(`${connector.name}: person ${index} is reported ${state} (${assurance}) and is still there.`);
        }
        if (!isGone && !['accepted', 'contradicted', 'failed', 'in-doubt', 'partial'].includes(state)) {
          faults.push(`${connector.name}: person ${index} is still there, in state ${state}, with the run at its end.`);
        }
      }
    });
  }
  return { faults, states };
}

// The requests with which each connector asks for deletions.
const deletionRoutes: readonly { name: string; vendor: SandboxVendor; route: RegExp }[] = [
  { name: 'mixpanel-profile', vendor: 'mixpanel', route: /^\/engage$/ },
  { name: 'mixpanel-gdpr', vendor: 'mixpanel', route: /data-deletions\/v3\.0\/?$/ },
  { name: 'clevertap', vendor: 'clevertap', route: /delete\/profiles/ },
  { name: 'altcraft', vendor: 'altcraft', route: /profiles\/delete/ },
  { name: 'segment-regulation', vendor: 'segment', route: /^\/regulations$/ },
  { name: 'segment-identifier', vendor: 'segment', route: /external_ids\/delete$/ },
];

/** Deletion requests that reached a vendor without an intent in the ledger: nobody would know of them after a crash. */
export async function unaccountedCalls(
  sandbox: SandboxProcess,
  submitCalls: ReadonlyMap<string, number>,
): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const { name, vendor, route } of deletionRoutes) {
    const received = (await sandbox.requestCounts(vendor))
      .filter((request) => request.method === 'POST' && route.test(request.route))
      .reduce((sum, { count }) => sum + count, 0);
    const recorded = submitCalls.get(name) ?? 0;
    if (received === 0) faults.push(`${name}: the vendor was asked for nothing.`);
    if (received > recorded)
      faults.push(`${name}: the vendor received ${received} deletions; the ledger knows of ${recorded}.`);
  }
  return faults;
}
