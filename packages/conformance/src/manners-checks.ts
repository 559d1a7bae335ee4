import type { DeletionConnector } from '@expunge/core';
import type { Fault } from '@expunge/vendor-sandbox';
import { type Submission, submissionsOf, submitAll } from './carry-out.ts';
import { type ConformanceCheck, ensure } from './conformance-check.ts';
import type { ConformanceHarness } from './conformance-harness.ts';
import { resultOf } from './expect-failure.ts';
import { withoutField } from './not-asked.ts';
import { personOf, seedPerson } from './people.ts';
import { refusingDispatcher } from './refusing-dispatcher.ts';
import { submitOne } from './submit-one.ts';
import { type ProcessWatch, watchProcess } from './watch-process.ts';

const trouble: readonly Fault[] = [{ type: 'status', status: 401, body: {} }, { type: 'html' }];

/** What a connector does beside its calls: nothing. */
export const mannersChecks: readonly ConformanceCheck[] = [
  {
    name: 'prints nothing, and reads nothing from the environment',
    async run(harness) {
      const seen: ProcessWatch[] = [];
      const watched = watchConnector(harness.connector, seen);
      const person = await seedPerson(harness, 'ada-4711');
      const [submission] = submissionsOf(
        person.targets,
        await submitAll({ ...harness, connector: watched }, person.targets),
      );
      await callAll(watched, person.targets.slice(0, 1), submission, harness);
      for (const fault of trouble) {
        harness.vendor.faults.add({ fault, times: 100 });
        await callAll(watched, person.targets.slice(0, 1), submission, harness);
        harness.vendor.faults.clear();
      }
      const [write] = seen.flatMap(({ writes }) => writes);
      ensure(
        write === undefined,
        `The connector writes something (${write}). What it prints can name people and credentials, and no one expects it: say ` +
          'what happened in outcomes and errors.',
      );
      const [read] = seen.flatMap(({ reads }) => reads);
      ensure(
        read === undefined,
        `The connector reads process.env.${read?.name} at ${read?.place}. Take it as an option, which a configuration fills ` +
          'with { env: NAME }.',
      );
    },
  },
  {
    name: 'makes all of its calls through the dispatcher that it is given',
    notAsked: withoutField('connectorThrough'),
    async run(harness) {
      const person = await seedPerson(harness, 'ada-4711');
      const [submission] = submissionsOf(person.targets, await submitAll(harness, person.targets));
      const { dispatcher, asked } = refusingDispatcher();
      const connector = harness.connectorThrough?.(dispatcher as never) ?? harness.connector;
      const before = harness.vendor.requests.length;
      const calls: readonly [name: string, call: () => unknown][] = [
        ['submit', () => submitOne({ connector }, personOf(harness, 'grace-4712'))],
        ['checkAccess', () => connector.checkAccess()],
        ['verify', () => connector.verify?.(person.targets.slice(0, 1))],
        ['recover', () => connector.recover?.(person.targets, new Date(harness.clock.now()).toISOString())],
        ['check', () => (submission === undefined ? undefined : callWith(connector, 'check', submission))],
        ['cancel', () => (submission === undefined ? undefined : callWith(connector, 'cancel', submission))],
      ];
      for (const [name, call] of calls) {
        await resultOf(async () => call());
        ensure(
          harness.vendor.requests.length === before,
          `${name}() calls the vendor past the dispatcher that the connector was given: behind a proxy, or where a client ` +
            'certificate is needed, it would not work. Hand the dispatcher to every call.',
        );
      }
      ensure(
        asked() > 0,
        'harness.connectorThrough() gives a connector that never uses its dispatcher. Hand the dispatcher to every call.',
      );
    },
  },
];

/** A connector whose methods are watched while they run. */
function watchConnector(connector: DeletionConnector, seen: ProcessWatch[]): DeletionConnector {
  const watch =
    <Arguments extends readonly unknown[], Value>(method: (...call: Arguments) => Value) =>
    (...call: Arguments): Value => {
      const watching = watchProcess();
      seen.push(watching);
      const result = method.apply(connector, call as never);
      if (result instanceof Promise) return result.finally(watching.end) as Value;
      watching.end();
      return result;
    };
  const methods = Object.entries(connector).map(([name, value]) => [
    name,
    typeof value === 'function' ? watch(value as never) : value,
  ]);
  return Object.fromEntries(methods) as DeletionConnector;
}

async function callAll(
  connector: DeletionConnector,
  targets: Parameters<DeletionConnector['submit']>[0],
  submission: Submission | undefined,
  { clock }: ConformanceHarness,
): Promise<void> {
  const since = new Date(clock.now()).toISOString();
  const pause = Math.max(1000, ...connector.capabilities.limits.rates.map(({ perMs }) => perMs));
  for (const call of [
    () => connector.submit(targets),
    () => connector.verify?.(targets),
    () => connector.recover?.(targets, since),
    () => (submission === undefined ? undefined : callWith(connector, 'check', submission)),
    () => (submission === undefined ? undefined : callWith(connector, 'cancel', submission)),
    () => connector.checkAccess(),
  ]) {
    clock.advance(pause);
    await resultOf(async () => call());
  }
}

function callWith(connector: DeletionConnector, method: 'check' | 'cancel', { receipt, targets }: Submission): unknown {
  return connector[method]?.(receipt, targets);
}
