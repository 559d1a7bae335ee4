import { connectorIssues } from '@expunge/core';
import { systemClock } from '../clock.ts';
import { checkedActor, textIssue } from '../ledger/plain-text.ts';
import { AccountLimits } from '../limits/account-limits.ts';
import { RateLimiter } from '../limits/rate-limiter.ts';
import { openStates, statesThat } from '../tasks/task-state.ts';
import { Turns } from '../turns.ts';
import { decideRetryPolicy } from '../worker/backoff.ts';
import { restoreLimits, workForConnector } from '../worker/connector-loop.ts';
import { whileQuiesced } from '../worker/submit.ts';
import type { WorkContext } from '../worker/work-context.ts';
import { acceptRequests } from './accept-requests.ts';
import { cancelRequest } from './cancel-request.ts';
import { checkAccess, restAfterChecks } from './check-access.ts';
import { type ConfiguredConnector, defaultLimitShare } from './configured-connector.ts';
import { dryRun } from './dry-run.ts';
import type { ConnectorAccess, ConnectorProgress, Engine, EngineOptions, RunReport } from './engine.ts';
import { heldPerson, holdsOf } from './hold-person.ts';
import { oneRunAtATime } from './one-run-at-a-time.ts';
import { findRequests, isReadBefore } from './plan-tasks.ts';
import { createRetention } from './retention.ts';

const longestName = 200;
const defaultWaitMs = 30_000;
const defaultRetentionMs = 30 * 86_400_000;

/** States from which a task may still be sent in this run. */
const sendableStates = statesThat(({ isUnsent, isTimed }) => isUnsent && isTimed).concat('submitting');

/**
 * Makes an engine: it plans, paces, retries, polls and reads back, and has every step in the ledger before and after.
 *
 * @throws TypeError where a connector does not keep to the contract, or two have the same name.
 */
export function createEngine(options: EngineOptions): Engine {
  const { ledger, connectors } = options;
  const clock = options.clock ?? systemClock;
  checkConnectors(connectors);
  const ownActor = checkedActor(options.actor);
  const atWork = new Set<string>();
  const retention = createRetention({
    ledger,
    clock,
    retentionMs: options.retentionMs ?? defaultRetentionMs,
    emit: options.onEvent ?? (() => {}),
  });
  // A connector that only waits for its vendor sends nothing that others wait for.
  const isSending = (name: string) =>
    atWork.has(name) && sendableStates.some((state) => (ledger.counts(name)[state] ?? 0) > 0);
  const contexts = makeContexts(options, isSending);
  let started: Promise<void> | undefined;
  let isKnown = false;

  // Nothing is worked on before the ledger knows the connectors and has found what a crash has cut off.
  const begin = () => {
    started ??= ledger
      .begin(
        connectors.map(({ name, connector, after, limitShare, account }) => ({
          name,
          vendor: connector.vendor,
          operation: connector.operation,
          after,
          limits: connector.capabilities.limits,
          limitShare: limitShare ?? defaultLimitShare,
          account,
        })),
        clock.now(),
      )
      .then(() => {
        isKnown = true;
      })
      .catch((error: unknown) => {
        // The next time there may be space on the disk, and the clock may be right.
        started = undefined;
        throw error;
      });
    return started;
  };

  const progress = (nextAt: ReadonlyMap<string, string | undefined> = new Map()): readonly ConnectorProgress[] =>
    contexts.map(({ name, paused }) => ({
      connector: name,
      states: isKnown ? ledger.counts(name) : {},
      paused,
      nextAt: nextAt.get(name),
    }));

  const run = oneRunAtATime(async ({ signal, waitAtMostMs, stays }): Promise<RunReport> => {
    await begin();
    for (const context of contexts) {
      context.paused = undefined;
      // A pause that is kept for all ends by an operator's decision, not with the next worker.
      if (ledger.isShared !== true) await ledger.setPaused(context.name, undefined, ownActor);
    }
    // All before any of them calls: connectors of one account count together.
    for (const context of contexts) await restoreLimits(context);
    // One connector's broken ledger write must not leave the others' calls unfinished.
    for (const { name } of contexts) atWork.add(name);
    const ends = await Promise.allSettled(
      contexts.map((context) =>
        workForConnector(context, { signal, waitAtMostMs, stays, meanwhile: retention.whereDue }).finally(() =>
          atWork.delete(context.name),
        ),
      ),
    );
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    await retention.now();
    const summaries = await ledger.connectorSummaries();
    const nextAt = new Map(summaries.map(({ connector, nextAt: at }) => [connector, at]));
    const states = progress(nextAt);
    return {
      connectors: states,
      isSettled: states.every((each) => openStates.every((state) => (each.states[state] ?? 0) === 0)),
      wasStopped: signal?.aborted === true,
    };
  });

  return {
    async accept(requests, { batch, waitMs, source, allowValues, actor = ownActor } = {}) {
      await begin();
      const options = { batch, waitMs, source, allowValues, actor, now: () => clock.now() };
      return acceptRequests(ledger, connectors, requests, options);
    },

    plan: (requests, { allowValues, batch, source } = {}) => {
      const options = { defaultShare: defaultLimitShare, allowValues, batch, source, now: () => clock.now() };
      return dryRun(ledger, connectors, requests, options);
    },

    run: ({ signal, waitAtMostMs = defaultWaitMs, stays = false } = {}) => run({ signal, waitAtMostMs, stays }),

    progress: () => progress(),

    async checkAccess({ signal } = {}): Promise<readonly ConnectorAccess[]> {
      await begin();
      const reports: ConnectorAccess[] = [];
      for (const context of contexts) reports.push(await checkAccess(context, signal));
      await restAfterChecks(contexts, signal);
      return reports;
    },

    async cancel(requestId, { actor = ownActor } = {}) {
      await begin();
      return cancelRequest(ledger, contexts, requestId, actor, () => clock.now());
    },

    async restore(requestId, { actor = ownActor } = {}) {
      await begin();
      const readFirstAt = connectors.filter(isReadBefore).map(({ name }) => name);
      return ledger.restore(requestId, readFirstAt, clock.now(), actor);
    },

    async hold(person, reason, { actor = ownActor, allowValues } = {}) {
      await begin();
      const held = heldPerson(connectors, 'type' in person ? [person] : person, allowValues);
      return whileQuiesced(contexts, () => ledger.addHold(held, reason, clock.now(), actor));
    },

    async holdsOf(identifiers) {
      await begin();
      return holdsOf(ledger, connectors, identifiers);
    },

    async release(identifier, { actor = ownActor } = {}) {
      await begin();
      return ledger.removeHold(identifier, clock.now(), actor);
    },

    async find(identifiers) {
      await begin();
      return findRequests(ledger, connectors, identifiers);
    },

    async reopen(which, { requestId, connector, actor = ownActor } = {}) {
      await begin();
      return ledger.reopen(which, { requestId, connector }, clock.now(), actor);
    },

    async tryNow(name, { actor = ownActor } = {}) {
      await begin();
      const context = contexts.find((each) => each.name === name);
      if (context === undefined) throw new TypeError(`There is no connector ${name}.`);
      context.limiter.unblock();
      return ledger.endWaits(name, clock.now(), actor);
    },
  };
}

function checkConnectors(connectors: readonly ConfiguredConnector[]): void {
  const names = new Set<string>();
  for (const { name, connector } of connectors) {
    const nameIssue = textIssue(name, longestName);
    if (nameIssue !== undefined) throw new TypeError(`The name of a connector (${connector.vendor}) ${nameIssue}.`);
    const issues = connectorIssues(connector);
    if (issues.length > 0)
      throw new TypeError(`The connector ${name} does not keep to the contract: ${issues.join(' ')}`);
    if (names.has(name)) throw new TypeError(`Two connectors have the name ${name}.`);
    names.add(name);
  }
  checkOrder(connectors);
  checkAccounts(connectors);
}

// One limit has one share, and what two vendors count has nothing to do with each other.
function checkAccounts(connectors: readonly ConfiguredConnector[]): void {
  for (const { name, account, connector, limitShare } of connectors) {
    const first = account === undefined ? undefined : connectors.find((other) => other.account === account);
    if (first === undefined) continue;
    const both = `The connectors ${first.name} and ${name} use the account ${account}`;
    if (first.connector.vendor !== connector.vendor) throw new TypeError(`${both} and are of different vendors.`);
    if ((first.limitShare ?? defaultLimitShare) !== (limitShare ?? defaultLimitShare))
      throw new TypeError(`${both} with different limitShare. Give both the same.`);
  }
}

// Two that wait for each other would wait for ever.
function checkOrder(connectors: readonly ConfiguredConnector[]): void {
  const afterOf = new Map(connectors.map(({ name, after }) => [name, after ?? []]));
  const visit = (name: string, path: readonly string[]): void => {
    if (path.includes(name))
      throw new TypeError(`These connectors wait for each other: ${[...path, name].join(' after ')}.`);
    const after = afterOf.get(name);
    if (after === undefined)
      throw new TypeError(`The connector ${path.at(-1)} is to come after ${name}, which is not configured.`);
    for (const other of after) visit(other, [...path, name]);
  };
  for (const { name } of connectors) visit(name, []);
}

interface Account {
  readonly limits?: AccountLimits;
  readonly turns: Turns;
}

function makeContexts(options: EngineOptions, isSending: (name: string) => boolean): readonly WorkContext[] {
  const accounts = new Map<string, Account & { readonly contexts: WorkContext[] }>();
  const contexts = options.connectors.map((configured) => {
    const name = configured.account;
    if (name === undefined) return makeContext(options, configured, isSending, { turns: new Turns() });
    const account = accounts.get(name) ?? { limits: new AccountLimits(), turns: new Turns(), contexts: [] };
    accounts.set(name, account);
    const context = makeContext(options, configured, isSending, account);
    account.contexts.push(context);
    return context;
  });
  for (const { contexts: members } of accounts.values()) {
    for (const context of members) context.peers.push(...members.filter((other) => other !== context));
  }
  return contexts;
}

function makeContext(
  options: EngineOptions,
  configured: ConfiguredConnector,
  isSending: (name: string) => boolean,
  { limits, turns }: Account,
): WorkContext {
  const { connector, name } = configured;
  const { capabilities } = connector;
  const retry = decideRetryPolicy(options.retry);
  return {
    name,
    connector,
    after: configured.after ?? [],
    isSending,
    facts: {
      capabilities,
      hasCheck: connector.check !== undefined,
      hasRecover: connector.recover !== undefined,
      verify: connector.verify === undefined ? 'off' : (configured.verify ?? 'off'),
      maxAttempts: retry.maxAttempts,
    },
    ledger: options.ledger,
    limiter: new RateLimiter(capabilities.limits, configured.limitShare ?? defaultLimitShare, limits),
    peers: [],
    turns,
    clock: options.clock ?? systemClock,
    retry,
    random: options.random ?? Math.random,
    emit: options.onEvent ?? (() => {}),
    busyTasks: new Set(),
    busySubmissions: new Set(),
    slotQueue: [],
    quiesceCount: 0,
    quiescing: undefined,
    persisting: undefined,
    wakeUp: () => {},
    hasCalled: false,
    isEnding: false,
    maxTargets: capabilities.limits.submit.maxTargets,
    largestRead: Number.POSITIVE_INFINITY,
    maxReadTargets: Number.POSITIVE_INFINITY,
    readFailure: undefined,
    notFound: new Set(),
    cancelMarks: new Map(),
    openReads: 0,
    nextReadAt: Number.POSITIVE_INFINITY,
    waitForReadsMs: 0,
    waitsForReadsUntil: undefined,
    failuresInARow: new Map(),
    paused: undefined,
  };
}
