import type { Target } from '@expunge/core';
import { canonicalTarget, type Ledger } from '../ledger/ledger.ts';
import { targetBytes } from '../worker/form-batch.ts';
import type { ConfiguredConnector } from './configured-connector.ts';
import { queueMs } from './deadline.ts';
import type { ConnectorPlan, IncomingRequest, PlanReport } from './engine.ts';
import { createRequestPlanner } from './plan-request.ts';
import { identifierMapping, subjectTargets } from './plan-tasks.ts';
import { type AllowedValue, allowedValues } from './suspicious-values.ts';
import { RequestError, requestIssues } from './validate-request.ts';

/** Requests that are compared with the ledger at once. */
const chunkSize = 2000;

/** How a dry run is made. */
export interface DryRunOptions {
  readonly defaultShare: number;
  readonly allowValues: readonly AllowedValue[] | undefined;
  readonly batch: string | undefined;
  readonly source: string | undefined;
  readonly now: () => number;
}

/** Says what a deletion would take, reading the requests in a stream. Remembers no identifier, only fingerprints. */
export async function dryRun(
  ledger: Ledger,
  connectors: readonly ConfiguredConnector[],
  requests: Iterable<IncomingRequest> | AsyncIterable<IncomingRequest>,
  { defaultShare, allowValues, batch, source, now }: DryRunOptions,
): Promise<PlanReport> {
  const isAllowed = allowedValues(allowValues);
  const plan = createRequestPlanner(ledger, connectors, { batch, waitMs: 0 });
  const tallies = connectors.map((configured) => new Tally(configured, (text) => ledger.digest(text)));
  const report = {
    subjects: 0,
    known: 0,
    knownSettled: 0,
    notSentAgain: 0,
    onHold: 0,
    otherDueDates: 0,
    conflicts: 0,
    samePeople: 0,
  };
  let chunk: IncomingRequest[] = [];
  const compare = async () => {
    const planned = chunk.map((request) => plan(request, now()));
    for (const [index, result] of (await ledger.previewImport(planned, source, now())).entries()) {
      const request = chunk[index];
      if (result.type === 'known') report.known += 1;
      else if (result.type === 'conflict') report.conflicts += 1;
      else if (result.isOnHold) report.onHold += 1;
      else if (request !== undefined) for (const tally of tallies) tally.add(request);
      if (result.isSettled) report.knownSettled += 1;
      if (result.isNotSentAgain) report.notSentAgain += 1;
      if (result.hasOtherDueDate) report.otherDueDates += 1;
      if (result.difference?.who === 'same-person') report.samePeople += 1;
    }
    chunk = [];
  };
  for await (const request of requests) {
    const issues = requestIssues(request, isAllowed);
    if (issues.length > 0) throw new RequestError(report.subjects, issues);
    chunk.push(request);
    report.subjects += 1;
    if (chunk.length === chunkSize) await compare();
  }
  await compare();
  return { ...report, connectors: tallies.map((tally) => tally.plan(defaultShare)) };
}

class Tally {
  readonly #configured: ConfiguredConnector;
  readonly #mapping: ReadonlyMap<string, readonly string[]>;
  readonly #fingerprint: (text: string) => string;
  readonly #seen = new Set<number>();
  readonly #skipped: Record<string, number> = {};
  /** The call that is being filled, for each type that can't share one. */
  readonly #open = new Map<string, { targets: number; bytes: number }>();
  #duplicates = 0;
  #calls = 0;

  constructor(configured: ConfiguredConnector, fingerprint: (text: string) => string) {
    this.#configured = configured;
    this.#mapping = identifierMapping(configured);
    this.#fingerprint = fingerprint;
  }

  add(request: IncomingRequest): void {
    const { targets, skipped } = subjectTargets(this.#configured.connector, this.#mapping, request.subject.identifiers);
    if (skipped !== undefined) this.#skipped[skipped] = (this.#skipped[skipped] ?? 0) + 1;
    for (const target of targets) {
      // 52 bits of a keyed fingerprint: a million targets stay small in memory.
      const seen = Number.parseInt(this.#fingerprint(canonicalTarget(target)).slice(0, 13), 16);
      if (this.#seen.has(seen)) {
        this.#duplicates += 1;
        continue;
      }
      this.#seen.add(seen);
      this.#fill(target);
    }
  }

  #fill(target: Target): void {
    const limit = this.#configured.connector.capabilities.limits.submit;
    const type = limit.oneTypePerCall === true ? target.type : '';
    const bytes = targetBytes(target, limit);
    const call = this.#open.get(type);
    const fits =
      call !== undefined &&
      call.targets < limit.maxTargets &&
      (limit.maxBytes === undefined || call.bytes + bytes <= limit.maxBytes);
    if (fits) {
      call.targets += 1;
      call.bytes += bytes;
      return;
    }
    this.#calls += 1;
    this.#open.set(type, { targets: 1, bytes: (limit.bytesPerCall ?? 0) + bytes });
  }

  plan(defaultShare: number): ConnectorPlan {
    const { connector, name, limitShare } = this.#configured;
    const { capabilities } = connector;
    const reads =
      readsPerTarget(this.#configured) * Math.ceil(this.#seen.size / (capabilities.limits.verify?.maxTargets ?? 1));
    const share = limitShare ?? defaultShare;
    return {
      connector: name,
      targets: this.#seen.size,
      duplicates: this.#duplicates,
      skipped: this.#skipped,
      calls: this.#calls,
      reads,
      atLeastMs: queueMs(capabilities, this.#calls, this.#seen.size, share, reads),
      vendorMs: vendorMs(capabilities.completion),
    };
  }
}

function readsPerTarget({ connector, verify = 'off' }: ConfiguredConnector): number {
  if (connector.verify === undefined || verify === 'off') return 0;
  return verify === 'before-and-after' ? 2 : 1;
}

function vendorMs(completion: ConfiguredConnector['connector']['capabilities']['completion']): number | undefined {
  switch (completion.type) {
    case 'immediate':
      return 0;
    case 'polled':
      return completion.expectedWithinMs;
    case 'elapsed':
      return completion.afterMs;
    case 'unknowable':
      return undefined;
  }
}
