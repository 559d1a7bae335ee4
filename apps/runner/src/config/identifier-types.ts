import type { ConfiguredConnector } from '@expunge/engine';

/** Which of the company's identifier types one configured connector uses, by the vendor's type. */
export function mappingOf(configured: ConfiguredConnector): ReadonlyMap<string, readonly string[]> {
  return new Map(
    configured.connector.capabilities.identifiers.map(({ type, from }) => [
      type,
      configured.identifiers?.[type] ?? from,
    ]),
  );
}

/** All identifier types of the company that at least one configured connector uses. */
export function usedIdentifierTypes(connectors: readonly ConfiguredConnector[]): ReadonlySet<string> {
  return new Set(connectors.flatMap((configured) => [...mappingOf(configured).values()].flat()));
}
