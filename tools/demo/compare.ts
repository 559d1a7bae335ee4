import { type DemoConnector, demoConnectors } from './demo-config.ts';
import type { DemoPerson } from './people.ts';
import type { HeldState, SandboxProcess } from './sandbox-process.ts';

/** The part of the JSON report that the demo reads. */
export interface DemoReport {
  readonly requests: readonly {
    readonly requestId: string;
    readonly identifiers?: readonly { readonly type: string; readonly value: string }[];
    readonly tasks: readonly {
      readonly task?: number;
      readonly connector: string;
      readonly state: string;
      readonly assurance?: string;
      readonly reason?: string;
    }[];
  }[];
}

/** How one connector's claims and its vendor's memory compare. */
export interface Comparison {
  /** One honest line. */
  readonly line: string;
  /** Whether no claim is more than the truth. */
  readonly agrees: boolean;
  /** Whether every person is gone and said to be. */
  readonly isComplete: boolean;
}

/** Compares what the ledger says with what the vendors still remember, connector by connector. */
export async function compare(
  sandbox: SandboxProcess,
  people: readonly DemoPerson[],
  report: DemoReport,
): Promise<readonly Comparison[]> {
  const stateByPerson = new Map(
    report.requests.map(({ identifiers, tasks }) => [
      identifiers?.find(({ type }) => type === 'user_id')?.value,
      tasks,
    ]),
  );
  const comparisons: Comparison[] = [];
  for (const connector of demoConnectors) {
    const held = await sandbox.lookup(
      connector.vendor,
      people.map((person) => person[connector.id]),
    );
    comparisons.push(compareOne(connector, people, held, stateByPerson));
  }
  return comparisons;
}

function compareOne(
  connector: DemoConnector,
  people: readonly DemoPerson[],
  held: readonly HeldState[],
  stateByPerson: ReadonlyMap<string | undefined, DemoReport['requests'][number]['tasks']>,
): Comparison {
  const claims: Record<string, number> = {};
  let gone = 0;
  let overstated = 0;
  people.forEach((person, index) => {
    const tasks = (stateByPerson.get(person.userId) ?? []).filter(({ connector: name }) => name === connector.name);
    const isGone = isGoneFrom(connector, person, held[index]);
    if (isGone) gone += 1;
    for (const { state, assurance } of tasks) {
      const claim = state === 'deleted' ? `deleted, ${assurance}` : state;
      claims[claim] = (claims[claim] ?? 0) + 1;
      if (state === 'deleted' && !isGone) overstated += 1;
      // There was something: every person of the demo was put there.
      if (state === 'absent' && connector.name !== 'mixpanel-profile') overstated += 1;
    }
    if (tasks.length === 0) claims['not in the ledger'] = (claims['not in the ledger'] ?? 0) + 1;
  });
  const said = Object.entries(claims).map(([claim, count]) => `${count.toLocaleString('en-US')} ${claim}`);
  const deleted = (claims['deleted, verified'] ?? 0) + (claims['deleted, confirmed'] ?? 0) + (claims.accepted ?? 0);
  return {
    line: `${connector.title}: reported ${said.join(', ')}; ${connector.gone} of ${gone.toLocaleString('en-US')} gone from the vendor's memory`,
    agrees: overstated === 0,
    isComplete: deleted === people.length && gone === people.length,
  };
}

/** Whether what a connector deletes is gone from its vendor. */
export function isGoneFrom(connector: DemoConnector, person: DemoPerson, held: HeldState | undefined): boolean {
  if (held === undefined) return false;
  switch (connector.gone) {
    case 'the profile':
      return !held.hasProfile;
    case 'profile and events':
      return !held.hasProfile && !held.hasEvents;
    case 'the data':
      return !held.hasEvents;
    case 'the e-mail identifier':
      return !(held.externalIds ?? []).includes(`email:${person.email}`);
  }
}

/** How many bystanders have lost something at some vendor. There must be none. */
export async function countHarmed(sandbox: SandboxProcess, bystanders: readonly DemoPerson[]): Promise<number> {
  const harmed = new Set<string>();
  for (const connector of demoConnectors) {
    const held = await sandbox.lookup(
      connector.vendor,
      bystanders.map((person) => person[connector.id]),
    );
    bystanders.forEach((person, index) => {
      const state = held[index];
      const isWhole = state?.hasProfile === true && state.hasEvents;
      if (!isWhole || (connector.gone === 'the e-mail identifier' && isGoneFrom(connector, person, state))) {
        harmed.add(person.userId);
      }
    });
  }
  return harmed.size;
}
