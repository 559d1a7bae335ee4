import type { Identifier } from '@expunge/core';
import type { Ledger } from '../ledger/ledger.ts';
import type { ConfiguredConnector } from './configured-connector.ts';
import { identifierMapping, subjectTargets } from './plan-tasks.ts';

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
