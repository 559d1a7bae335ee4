import { type ConfiguredConnector, identifierMapping } from '@expunge/engine';

/** All identifier types of the company that at least one configured connector uses. */
export function usedIdentifierTypes(connectors: readonly ConfiguredConnector[]): ReadonlySet<string> {
  return new Set(connectors.flatMap((configured) => [...identifierMapping(configured).values()].flat()));
}
