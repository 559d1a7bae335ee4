import type { TaskRow } from '../src/ledger/reports.ts';
import { askable, type RandomScenario } from './random-scenario.ts';
import { requestFor } from './setting.ts';

/** Both identifiers of a person. */
export function valuesOf(person: number): readonly string[] {
  const value = askable[person] ?? '';
  return [value, `d-${value}`];
}

/** A request of a scenario, as it comes in. */
export function requestOf(scenario: RandomScenario, index: number) {
  const { person = 0, hasDevice = false } = scenario.requests[index] ?? {};
  const [value = '', device = ''] = valuesOf(person);
  const identifiers = [{ type: 'user_id', value }, ...(hasDevice ? [{ type: 'device_id', value: device }] : [])];
  return requestFor(value, { id: idOf(index), subject: { identifiers } });
}

/** The id of a request. */
export function idOf(index: number): string {
  return `r${index}`;
}

/** The request that has an id. */
export function requestWithId(scenario: RandomScenario, id: string) {
  const request = scenario.requests[Number(id.slice(1))];
  if (request === undefined) throw new Error(`The scenario has no request ${id}.`);
  return request;
}

/** What a task deletes: tasks do not say. */
export function targetValue(scenario: RandomScenario, task: TaskRow): string {
  const [value = '', device = ''] = valuesOf(requestWithId(scenario, task.requestId).person);
  return task.targetType === 'device' ? device : value;
}
