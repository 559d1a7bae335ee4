import type { ExpungeConfig } from './config/config-schema.ts';

export type { ConnectorConfig, ExpungeConfig } from './config/config-schema.ts';

/**
 * Types the default export of `expunge.config.ts`. Returns what it is given.
 *
 * @example
 * export default defineConfig({ ledger: { sqlite: './expunge.db' }, connectors: { ... } });
 */
export function defineConfig(config: ExpungeConfig): ExpungeConfig {
  return config;
}
