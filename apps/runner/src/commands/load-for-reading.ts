import type { ConnectorCapabilities } from '@expunge/core';
import type { ConfiguredConnector } from '@expunge/engine';
import type { ConfigIssue } from '../config/config-error.ts';
import type { LoadedConfig } from '../config/load-config.ts';
import type { CommandContext } from './command-context.ts';

/** Connectors that are only looked at. */
export interface ConnectorsForReading {
  /** Those that could be made. */
  readonly connectors: readonly ConfiguredConnector[];
  /** Why others could not. */
  readonly issues: readonly ConfigIssue[];
}

/** Loads connectors for what they say of themselves: also where the secrets are not, or a package is gone. */
export async function loadForReading(context: CommandContext, loaded: LoadedConfig): Promise<ConnectorsForReading> {
  const { loadConnectors } = await import('../config/load-connectors.ts');
  const { environment, now } = context.processEnvironment;
  const result = await loadConnectors(loaded, { environment, now, withoutSecrets: true });
  context.messages.hide(result.secrets);
  return result;
}

/** How far each connector's deletion reaches, by its name. */
export function reachesOf(
  connectors: readonly ConfiguredConnector[],
): ReadonlyMap<string, ConnectorCapabilities['reach']> {
  return new Map(connectors.map(({ name, connector }) => [name, connector.capabilities.reach]));
}
