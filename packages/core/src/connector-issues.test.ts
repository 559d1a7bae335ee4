import { describe, expect, it } from 'vitest';
import type { ConnectorCapabilities } from './capabilities.ts';
import { connectorIssues, isDeletionConnector } from './connector-issues.ts';
import type { DeletionConnector } from './deletion-connector.ts';

const capabilities: ConnectorCapabilities = {
  title: 'Acme deletion',
  reach: 'person',
  erases: ['The profile.'],
  leaves: [],
  identifiers: [{ type: 'user_id', from: ['user_id'] }],
  completion: { type: 'immediate' },
  repeat: 'harmless',
  limits: { submit: { maxTargets: 1 }, rates: [], inFlight: [] },
};

const connector: DeletionConnector = {
  specVersion: 'v1',
  vendor: 'acme',
  operation: 'profile',
  capabilities,
  targetsOf: () => [],
  submit: async () => [],
  checkAccess: async () => ({ proven: [], unproven: [] }),
};

const polled = { type: 'polled', firstCheckAfterMs: 0, checkEveryMs: 1, expectedWithinMs: 1 } as const;

describe('connectorIssues', () => {
  it('finds none in a connector', () => {
    expect(connectorIssues(connector)).toEqual([]);
    expect(isDeletionConnector(connector)).toBe(true);
    const full = {
      ...connector,
      check: async () => ({ state: 'pending', vendorStatus: 'RUNNING' }),
      verify: async () => [],
      cancel: async () => ({ type: 'too-late' }),
      recover: async () => undefined,
      capabilities: {
        ...capabilities,
        completion: polled,
        readBack: { covers: 'person', identifiers: ['user_id'], afterMs: 0 },
        cancels: 'target',
        limits: { ...capabilities.limits, verify: { maxTargets: 1 } },
      },
    };
    expect(connectorIssues(full)).toEqual([]);
  });

  it.each<[string, unknown, string[]]>([
    ['nothing', undefined, ['It is not an object.']],
    ['null', null, ['It is not an object.']],
    ['a function', () => connector, ['It is not an object.']],
    ['another version', { ...connector, specVersion: 'v2' }, ["Its specVersion is not 'v1'."]],
    ['no vendor', { ...connector, vendor: '' }, ['It has no vendor.']],
    ['no operation', { ...connector, operation: 7 }, ['It has no operation.']],
    ['no submit', { ...connector, submit: undefined }, ['It has no method submit().']],
    [
      'no targetsOf and no checkAccess',
      { ...connector, targetsOf: 1, checkAccess: {} },
      ['It has no method targetsOf().', 'It has no method checkAccess().'],
    ],
    ['a verify that is no method', { ...connector, cancel: true }, ['cancel is not a method.']],
    [
      'a limit of nothing',
      {
        ...connector,
        capabilities: { ...capabilities, limits: { ...capabilities.limits, submit: { maxTargets: 0 } } },
      },
      [expect.stringContaining('capabilities.limits.submit.maxTargets')],
    ],
    [
      'a capability nobody knows',
      { ...connector, capabilities: { ...capabilities, magic: true } },
      [expect.stringContaining('magic')],
    ],
    [
      'no identifiers',
      { ...connector, capabilities: { ...capabilities, identifiers: [] } },
      [expect.stringContaining('capabilities.identifiers')],
    ],
    [
      'polled without check',
      { ...connector, capabilities: { ...capabilities, completion: polled } },
      ["Its completion is 'polled', and it has no check()."],
    ],
    [
      'verify without limits and delay',
      { ...connector, verify: async () => [] },
      ['It has verify(), and no capabilities.limits.verify.', 'It has verify(), and no capabilities.readBack.'],
    ],
    [
      'a read-back by a type that it does not have, and a cancellation without cancel',
      {
        ...connector,
        capabilities: {
          ...capabilities,
          readBack: { covers: 'person', identifiers: ['guid'], afterMs: 0 },
          cancels: 'submission',
        },
      },
      [
        'capabilities.readBack.identifiers: "guid" is none of its identifiers.',
        'It says what it cancels, and has no cancel().',
      ],
    ],
  ])('names what is wrong with %s', (_name, value, issues) => {
    expect(connectorIssues(value)).toEqual(issues);
    expect(isDeletionConnector(value)).toBe(false);
  });

  it('says everything at once', () => {
    expect(connectorIssues({}).length).toBeGreaterThanOrEqual(7);
  });
});
