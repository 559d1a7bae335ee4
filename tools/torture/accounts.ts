import type { DemoReport } from '../demo/compare.ts';
import { demoConnectors } from '../demo/demo-config.ts';
import type { DemoPerson } from '../demo/people.ts';
import type { ReceivedRequest } from '../demo/sandbox-process.ts';
import { deletionRoutes } from './deletion-routes.ts';
import type { Submission } from './ledger-facts.ts';

/** A pair of person and connector. */
function pairOf(connector: string, userId: string): string {
  return `${connector} ${userId}`;
}

/** What the vendors received, by pair: how often somebody was asked to be deleted, and whether the last answer was a lie. */
export interface Received {
  readonly counts: ReadonlyMap<string, number>;
  readonly liedAbout: ReadonlySet<string>;
  /** People that were named and are on no list, by connector. */
  readonly strangers: readonly string[];
}

// Every id of an invented person ends with the list's name and a number: list7-0003, list7.0003@example.com.
const personPattern = /([a-z]+\d*)[-.](\d{4})/g;

/** Reads out of the vendors' own logs who was asked to be deleted. */
export function receivedDeletions(
  requests: ReadonlyMap<string, readonly ReceivedRequest[]>,
  people: readonly DemoPerson[],
): Received {
  const known = new Set(people.map(({ userId }) => userId));
  const counts = new Map<string, number>();
  const liedAbout = new Set<string>();
  const strangers: string[] = [];
  for (const { name, vendor, route } of deletionRoutes) {
    for (const { method, path, body, fault } of requests.get(vendor) ?? []) {
      if (method !== 'POST' || !route.test(path)) continue;
      const named = new Set(
        [...decodeURIComponent(`${path} ${body}`).matchAll(personPattern)].map(
          ([, list, number]) => `${list}-${number}`,
        ),
      );
      for (const userId of named) {
        if (!known.has(userId)) strangers.push(name);
        const pair = pairOf(name, userId);
        counts.set(pair, (counts.get(pair) ?? 0) + 1);
        if (fault === 'lie') liedAbout.add(pair);
        else liedAbout.delete(pair);
      }
    }
  }
  return { counts, liedAbout, strangers };
}

/** Whether the vendor's last word about somebody was a lie: then the ledger may repeat it, as the vendor's word. */
export function wasLiedAbout({ liedAbout }: Received, connector: string, person: DemoPerson): boolean {
  return liedAbout.has(pairOf(connector, person.userId));
}

/**
 * Holds every call that asked for somebody's deletion against the ledger: none without an intent, none that the ledger
 * has an answer to and the vendor never saw, and none twice without a reason.
 */
export function accountForCalls(
  received: Received,
  people: readonly DemoPerson[],
  report: DemoReport,
  submissions: ReadonlyMap<number, readonly Submission[]>,
): readonly string[] {
  const faults = received.strangers.map(
    (name) => `${name}: the vendor was asked to delete somebody who is on no list.`,
  );
  const tasksOf = new Map(
    report.requests.map(({ identifiers, tasks }) => [
      identifiers?.find(({ type }) => type === 'user_id')?.value,
      tasks,
    ]),
  );
  for (const { name } of demoConnectors) {
    // Then only all calls together can be counted (see unaccountedCalls), and repeats be asked for their reason.
    const isAnonymous = deletionRoutes.find((route) => route.name === name)?.isAnonymous === true;
    for (const [index, person] of people.entries()) {
      const task = tasksOf.get(person.userId)?.find(({ connector }) => connector === name)?.task;
      const calls = submissions.get(task ?? -1) ?? [];
      const times = received.counts.get(pairOf(name, person.userId)) ?? 0;
      const answered = calls.filter(({ result }) => result === 'answered').length;
      if (!isAnonymous && times > calls.length)
        faults.push(
          `${name}: the vendor received person ${index} ${times} times; the ledger knows of ${calls.length}.`,
        );
      if (!isAnonymous && times < answered)
        faults.push(
          `${name}: the ledger has ${answered} answers about person ${index}; the vendor was asked ${times} times.`,
        );
      for (const [position, { why }] of calls.entries()) {
        const before = calls[position - 1];
        if (before?.result === 'answered' && why === undefined)
          faults.push(`${name}: person ${index} was sent again without a reason.`);
      }
    }
  }
  return faults;
}
