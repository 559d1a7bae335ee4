import type { DemoReport } from '../demo/compare.ts';
import { isGoneFrom } from '../demo/compare.ts';
import { demoConnectors } from '../demo/demo-config.ts';
import type { DemoPerson } from '../demo/people.ts';
import type { SandboxProcess } from '../demo/sandbox-process.ts';
import { type Received, wasLiedAbout } from './accounts.ts';
import { deletionRoutes } from './deletion-routes.ts';

/** What comparing the ledger's claims with the vendors' memories came to. */
export interface Judgement {
  /** Everything that must not be, one sentence each. Names connectors and numbers, never people. */
  readonly faults: readonly string[];
  /** Tasks by connector and state. */
  readonly states: ReadonlyMap<string, number>;
}

/**
 * Compares every pair of person and connector. A lie that nobody reads back stands as the vendor's word (`confirmed`),
 * never as our own (`verified`), and only where the vendor has lied about this very person last.
 */
export async function judge(
  sandbox: SandboxProcess,
  people: readonly DemoPerson[],
  report: DemoReport,
  received: Received,
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
        const isVendorsWord = assurance === 'confirmed' && wasLiedAbout(received, connector.name, person);
        if ((state === 'deleted' || state === 'absent') && !isGone) {
          if (isVendorsWord && !connector.isReadBack) continue;
          faults.push(`${connector.name}: person ${index} is reported ${state} (${assurance}) and is still there.`);
        }
        if (!isGone && !['accepted', 'contradicted', 'failed', 'in-doubt', 'needs-review', 'partial'].includes(state)) {
          faults.push(`${connector.name}: person ${index} is still there, in state ${state}, with the run at its end.`);
        }
      }
    });
  }
  return { faults, states };
}

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
