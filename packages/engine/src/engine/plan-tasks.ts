import type { DeletionConnector, Identifier, Target } from '@expunge/core';
import type { Ledger, PlannedTask } from '../ledger/ledger.ts';
import type { ConfiguredConnector } from './configured-connector.ts';

/** Why a subject has no target at a connector. */
export type SkipReason = 'identifier-missing' | 'identifier-unusable';

/** What a subject comes to at one connector. */
export type SubjectTargets =
  | { readonly targets: readonly [Target, ...Target[]]; readonly skipped?: undefined }
  | { readonly targets: readonly []; readonly skipped: SkipReason };

/** Which of the company's identifier types each of a vendor's types is, by configuration or by the connector's default. */
export function identifierMapping(configured: ConfiguredConnector): ReadonlyMap<string, readonly string[]> {
  return new Map(
    configured.connector.capabilities.identifiers.map(({ type, from }) => [
      type,
      configured.identifiers?.[type] ?? from,
    ]),
  );
}

/** The records that a subject names at a connector. */
export function subjectTargets(
  connector: DeletionConnector,
  mapping: ReadonlyMap<string, readonly string[]>,
  identifiers: readonly Identifier[],
): SubjectTargets {
  const mapped: Identifier[] = [];
  for (const [type, sources] of mapping) {
    for (const source of sources) {
      for (const identifier of identifiers) {
        if (identifier.type === source) mapped.push({ type, value: identifier.value });
      }
    }
  }
  if (mapped.length === 0) return { targets: [], skipped: 'identifier-missing' };
  const [first, ...others] = connector.targetsOf({ identifiers: mapped });
  if (first === undefined) return { targets: [], skipped: 'identifier-unusable' };
  return { targets: [first, ...others] };
}

/** The tasks that a subject comes to at one configured connector: one per target, or one that is skipped. */
export function planTasks(
  configured: ConfiguredConnector,
  mapping: ReadonlyMap<string, readonly string[]>,
  identifiers: readonly Identifier[],
): readonly PlannedTask[] {
  const { name, connector } = configured;
  const { targets, skipped } = subjectTargets(connector, mapping, identifiers);
  if (skipped !== undefined) {
    return [{ connector: name, target: undefined, state: 'skipped', reason: skipped }];
  }
  const state = isReadBefore(configured) ? 'pre-read' : 'ready';
  return targets.map((target) => ({ connector: name, target, state, reason: undefined }));
}

/** Whether records are read at a connector before they are deleted there. */
export function isReadBefore({ connector, verify }: ConfiguredConnector): boolean {
  return verify === 'before-and-after' && connector.verify !== undefined;
}

/**
 * Finds the requests that asked for a person. The ledger keeps fingerprints of targets, so the identifiers are turned
 * into targets first, as at import: an identifier that no connector uses finds nothing.
 */
export async function findRequests(
  ledger: Ledger,
  connectors: readonly ConfiguredConnector[],
  identifiers: readonly Identifier[],
): Promise<readonly string[]> {
  const found = new Set<string>();
  for (const configured of connectors) {
    const { targets } = subjectTargets(configured.connector, identifierMapping(configured), identifiers);
    for (const target of targets) {
      for (const requestId of await ledger.requestsOfTarget(configured.name, target)) found.add(requestId);
    }
  }
  return [...found];
}
