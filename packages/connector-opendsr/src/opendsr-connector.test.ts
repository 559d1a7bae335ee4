import { type ConnectorFactory, connectorIssues, OptionsError } from '@expunge/core';
import { describe, expect, it } from 'vitest';
import factory, { createOpenDsrConnector, type OpenDsrOptions } from './index.ts';

// Nothing listens there: a call that is made although it must not be fails as `connection-failed`.
const options: OpenDsrOptions = {
  baseUrl: 'http://127.0.0.1:9/v2',
  auth: { type: 'none' },
  identities: { email: 'sha256', controller_customer_id: 'raw' },
  regulation: 'gdpr',
  requestIdSecret: 'request-id-secret-of-the-test',
  processorDomains: ['opendsr.example.com'],
};
const connector = createOpenDsrConnector(options, { now: () => 0 });
const ada = { type: 'email', value: 'ada@example.com' };

describe('createOpenDsrConnector', () => {
  it('makes a connector by the contract, and is the default export', () => {
    const asFactory: ConnectorFactory = factory;
    expect(asFactory).toBe(createOpenDsrConnector);
    expect(connectorIssues(connector)).toEqual([]);
    expect(connector).toMatchObject({ specVersion: 'v1', vendor: 'opendsr', operation: 'erasure' });
    expect(connector.verify).toBeUndefined();
  });

  it('wants a clock, and says how to give it one', () => {
    const message = 'pass { now: Date.now }';
    expect(() => createOpenDsrConnector(options)).toThrow(OptionsError);
    expect(() => createOpenDsrConnector(options)).toThrow(message);
  });

  it('states as data what it can, and that OpenDSR has no word for a failure', () => {
    const { capabilities } = connector;
    expect(JSON.parse(JSON.stringify(capabilities))).toEqual(capabilities);
    expect(capabilities).toMatchObject({
      reach: 'person',
      identifiers: [
        { type: 'email', from: ['email'] },
        { type: 'controller_customer_id', from: ['user_id'] },
      ],
      completion: { type: 'polled', firstCheckAfterMs: 3_600_000, checkEveryMs: 86_400_000 },
      repeat: 'costly',
      limits: { submit: { maxTargets: 1 }, inFlight: [{ calls: 2 }], rates: [{ calls: 60, perMs: 60_000 }] },
    });
    expect(capabilities.leaves.join(' ')).toContain('no word for either');
    expect(capabilities.title).not.toContain('not verified');
  });
});

describe('a call that can’t be made', () => {
  it('is not made for nobody', async () => {
    expect(await connector.submit([])).toEqual([]);
    expect(await connector.recover?.([], '2026-01-05T10:00:00Z')).toBeUndefined();
  });

  it('is refused for two people', async () => {
    const targets = [ada, { ...ada, value: 'grace@example.com' }];
    await expect(connector.submit(targets)).rejects.toMatchObject({ code: 'request-too-large', effect: 'nothing' });
    expect(await connector.recover?.(targets, '2026-01-05T10:00:00Z')).toBeUndefined();
  });

  it('fails without a doubt where nobody listens', async () => {
    await expect(connector.submit([ada])).rejects.toMatchObject({ code: 'connection-failed', effect: 'nothing' });
  });
});
