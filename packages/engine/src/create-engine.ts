import { ConnectorError, connectorFaults } from '@expunge/core';
import { callOffRequest } from './call-off.ts';
import { systemClock } from './clock.ts';
import type { ConfiguredConnector } from './configured-connector.ts';
import { workForConnector } from './connector-worker.ts';
import { dryRun } from './dry-run.ts';
import type { ConnectorAccess, ConnectorProgress, Engine, EngineOptions, RunOptions, RunReport } from './engine.ts';
import { Pacer } from './pacer.ts';
import { decideRetryPolicy } from './retry-delay.ts';
import { takeIn } from './take-in.ts';
import { openStates } from './task-state.ts';
import type { WorkContext } from './work-context.ts';

const defaultShare = 0.8;
const defaultWaitMs = 30_000;

/**
 * Makes an engine: it plans, paces, retries, polls and reads back, and has every step in the ledger before and after.
 *
 * @throws TypeError where a connector does not keep to the contract, or two have the same name.
 */
export function createEngine(options: EngineOptions): Engine {
  const { ledger, connectors } = options;
  const clock = options.clock ?? systemClock;
  checkConnectors(connectors);
  const contexts = connectors.map((configured) => makeContext(options, configured));
  let begun: Promise<void> | undefined;

  // Nothing is worked on before the ledger knows the connectors and has found what a crash has cut off.
  const begin = () => {
    begun ??= ledger.begin(
      connectors.map(({ name, connector }) => ({ name, vendor: connector.vendor, operation: connector.operation })),
      clock.now(),
    );
    return begun;
  };

  const progress = (nextAt: ReadonlyMap<string, string | undefined> = new Map()): readonly ConnectorProgress[] =>
    contexts.map(({ name, paused }) => ({
      connector: name,
      states: begun === undefined ? {} : ledger.counts(name),
      paused,
      nextAt: nextAt.get(name),
    }));

  return {
    async accept(requests, { batch } = {}) {
      await begin();
      return takeIn(ledger, connectors, requests, batch, () => clock.now());
    },

    plan: (requests) => dryRun(connectors, requests, (text) => ledger.digest(text), defaultShare),

    async run({ signal, waitAtMostMs = defaultWaitMs }: RunOptions = {}): Promise<RunReport> {
      await begin();
      for (const context of contexts) {
        context.paused = undefined;
        await ledger.setPaused(context.name, undefined);
      }
      // One connector's broken ledger write must not leave the others' calls unfinished.
      const ends = await Promise.allSettled(
        contexts.map((context) => workForConnector(context, { signal, waitAtMostMs })),
      );
      for (const end of ends) if (end.status === 'rejected') throw end.reason;
      const summary = await ledger.summary(clock.now());
      const nextAt = new Map(summary.connectors.map(({ connector, nextAt: at }) => [connector, at]));
      const states = progress(nextAt);
      return {
        connectors: states,
        isSettled: states.every((each) => openStates.every((state) => (each.states[state] ?? 0) === 0)),
        wasStopped: signal?.aborted === true,
      };
    },

    progress: () => progress(),

    async checkAccess({ signal } = {}): Promise<readonly ConnectorAccess[]> {
      const reports: ConnectorAccess[] = [];
      for (const { name, connector } of connectors) reports.push(await checkAccess(name, connector, signal));
      return reports;
    },

    async cancel(requestId) {
      await begin();
      return callOffRequest(ledger, contexts, requestId, () => clock.now());
    },

    async reopen(which, { requestId, connector } = {}) {
      await begin();
      return ledger.reopen(which, { requestId, connector }, clock.now());
    },
  };
}

function checkConnectors(connectors: readonly ConfiguredConnector[]): void {
  const names = new Set<string>();
  for (const { name, connector } of connectors) {
    const faults = connectorFaults(connector);
    if (faults.length > 0)
      throw new TypeError(`The connector ${name} does not keep to the contract: ${faults.join(' ')}`);
    if (names.has(name)) throw new TypeError(`Two connectors have the name ${name}.`);
    names.add(name);
  }
}

function makeContext(options: EngineOptions, configured: ConfiguredConnector): WorkContext {
  const { connector, name } = configured;
  const { capabilities } = connector;
  const retry = decideRetryPolicy(options.retry);
  return {
    name,
    connector,
    rules: {
      capabilities,
      hasCheck: connector.check !== undefined,
      verify: connector.verify === undefined ? 'off' : (configured.verify ?? 'off'),
      maxAttempts: retry.maxAttempts,
    },
    ledger: options.ledger,
    pacer: new Pacer(capabilities.limits, configured.limitShare ?? defaultShare),
    clock: options.clock ?? systemClock,
    retry,
    random: options.random ?? Math.random,
    emit: options.onEvent ?? (() => {}),
    busyTasks: new Set(),
    busySubmissions: new Set(),
    maxTargets: capabilities.limits.submit.maxTargets,
    failuresInARow: 0,
    paused: undefined,
  };
}

async function checkAccess(
  name: string,
  connector: ConfiguredConnector['connector'],
  signal: AbortSignal | undefined,
): Promise<ConnectorAccess> {
  try {
    return { connector: name, report: await connector.checkAccess({ signal }), error: undefined };
  } catch (error) {
    if (ConnectorError.isInstance(error)) {
      return { connector: name, report: undefined, error: { code: error.code, message: error.message } };
    }
    const message = `The connector ${name} broke its contract: it threw something that is no ConnectorError.`;
    return { connector: name, report: undefined, error: { code: 'response-unexpected', message } };
  }
}
