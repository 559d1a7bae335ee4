import { expect, it } from 'vitest';
import { configSchema, connectorConfigSchema } from './config-schema.ts';
import { knownKeys } from './known-keys.ts';

it.each([
  [[], [Object.keys(configSchema.shape)]],
  [
    ['ledger'],
    [
      ['sqlite', 'keyFile', 'key', 'retention'],
      ['postgres', 'key', 'retention'],
    ],
  ],
  [['ledger', 'postgres'], [['url', 'schema']]],
  [['retry'], [['maxAttempts', 'baseMs', 'maxMs']]],
  [['connectors', 'any name'], [Object.keys(connectorConfigSchema.shape)]],
  [['connectors', 'any name', 'network'], [['proxy', 'clientCertificate']]],
  [
    ['connectors', 'any name', 'network', 'proxy'],
    [['env'], ['file']],
  ],
  [['connectors', 'any name', 'options'], []],
  [['connectors', 'any name', 'after', 0], []],
  [['law'], []],
  [['nowhere', 'at all'], []],
])('knows the keys at %j', (path, keys) => {
  expect(knownKeys(configSchema, path)).toEqual(keys);
});
