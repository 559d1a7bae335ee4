import { toIso } from '../clock.ts';
import { canonicalSubject, type Ledger, type PlannedRequest } from '../ledger/ledger.ts';
import type { ConfiguredConnector } from './configured-connector.ts';
import { createDueDates } from './deadline.ts';
import type { IncomingRequest } from './engine.ts';
import { namesUnder } from './hold-person.ts';
import { identifierMapping, planTasks } from './plan-tasks.ts';

/** A request that is due sooner than this is not read before it is deleted, in milliseconds: two days. */
const preReadBeforeDueMs = 2 * 86_400_000;

/** How requests are planned. */
export interface PlanRequestOptions {
  /** Mixed into derived ids. */
  readonly batch: string | undefined;
  /** Nothing is sent for that long, in milliseconds. */
  readonly waitMs: number;
}

/** Makes of a request what the ledger keeps of it: its id, when it is due, and its tasks. */
export function createRequestPlanner(
  ledger: Pick<Ledger, 'digest'>,
  connectors: readonly ConfiguredConnector[],
  { batch = '', waitMs }: PlanRequestOptions,
): (request: IncomingRequest, now: number) => PlannedRequest {
  const dueDates = createDueDates();
  const namesOf = namesUnder(connectors);
  const mappings = connectors.map((configured) => ({ configured, mapping: identifierMapping(configured) }));
  // Keyed by the ledger: a reader of the id can't try out who it might be.
  const derive = (...parts: readonly unknown[]) =>
    `auto-${ledger.digest(JSON.stringify(['request', batch, ...parts]))}`;
  return (request, now) => {
    const { identifiers } = request.subject;
    const receivedAt = request.receivedAt ?? toIso(now);
    const dueAt = request.dueAt ?? dueDates(request.law, receivedAt);
    // Where the deadline is near, nothing waits for a proof.
    const hasTime = Date.parse(dueAt) - now > preReadBeforeDueMs;
    const tasks = mappings.flatMap(({ configured, mapping }) =>
      planTasks(hasTime ? configured : { ...configured, verify: 'after' }, mapping, identifiers),
    );
    const planned = {
      tasks,
      names: identifiers.flatMap(namesOf),
      notBefore: now + waitMs,
      isDueDateGiven: request.dueAt !== undefined,
    };
    if (request.id !== undefined) return { ...planned, request: { ...request, id: request.id, receivedAt, dueAt } };
    const subject = canonicalSubject(request.subject);
    const undatedId = derive(subject);
    if (request.receivedAt === undefined) {
      return { ...planned, request: { ...request, id: undatedId, receivedAt, dueAt }, isUndated: true };
    }
    const id = derive(subject, Date.parse(receivedAt));
    return { ...planned, request: { ...request, id, receivedAt, dueAt }, undatedId };
  };
}
