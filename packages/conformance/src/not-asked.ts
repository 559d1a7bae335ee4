import type { DeletionConnector } from '@expunge/core';
import type { ConformanceHarness } from './conformance-harness.ts';

/** Why a check is not asked, in the words that a report of the tests shows. undefined: it is asked. */
export type NotAsked = (harness: ConformanceHarness) => string | undefined;

/** Not asked of a connector that lacks a method. */
export function without(method: 'check' | 'verify' | 'cancel' | 'recover'): NotAsked {
  return ({ connector }) => (connector[method] === undefined ? `the connector has no ${method}()` : undefined);
}

/** Not asked where the harness leaves something out. */
export function withoutField(field: keyof ConformanceHarness): NotAsked {
  return (harness) => (harness[field] === undefined ? `harness.${field} is left out` : undefined);
}

/** Not asked for the first of several reasons. */
export function eitherOf(...reasons: readonly NotAsked[]): NotAsked {
  return (harness) => reasons.map((reason) => reason(harness)).find((reason) => reason !== undefined);
}

/** Not asked where a capability makes it pointless. */
export function unless(holds: (connector: DeletionConnector) => boolean, reason: string): NotAsked {
  return ({ connector }) => (holds(connector) ? undefined : reason);
}
