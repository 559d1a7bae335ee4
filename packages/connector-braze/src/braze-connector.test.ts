import { type ConnectorErrorCode, OptionsError } from '@expunge/core';
import { startBrazeSandbox } from '@expunge/vendor-sandbox';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createBrazeConnector } from './braze-connector.ts';
import type { BrazeOptions } from './braze-options.ts';

// What is special to Braze. What holds for every connector is asked by the conformance suite.

const restEndpoint = 'https://rest.fra-01.braze.eu';
const fiveMinutes = 5 * 60_000;

async function startBraze(given: Partial<BrazeOptions> = {}) {
  const braze = await startBrazeSandbox();
  onTestFinished(() => braze.close());
  const connector = createBrazeConnector({ restEndpoint, baseUrl: braze.url, ...braze.credentials, ...given });
  const answer = (body: unknown, status = 201) => braze.faults.add({ fault: { type: 'status', status, body } });
  return { braze, connector, answer };
}

const target = (value: string, type = 'external_id') => ({ type, value });

describe('a deletion', () => {
  it('is accepted and no more, also of somebody who is not there', async () => {
    const { braze, connector } = await startBraze();
    braze.seed(['ada', 'eve']);
    const outcomes = await connector.submit(['ada', 'nobody'].map((value) => target(value)));
    expect(outcomes).toEqual([{ type: 'accepted' }, { type: 'accepted' }]);
    braze.clock.advance(fiveMinutes);
    expect(['ada', 'eve'].filter(braze.has)).toEqual(['eve']);
  });

  it('is accepted with HTTP 200 as with 201: the body decides', async () => {
    const { braze, connector } = await startBraze();
    braze.settings.successStatus = 200;
    expect(await connector.submit([target('ada')])).toEqual([{ type: 'accepted' }]);
  });

  it('sends an id once, however often it is given', async () => {
    const { braze, connector } = await startBraze();
    expect(await connector.submit([target('ada'), target('ada')])).toEqual([
      { type: 'accepted' },
      { type: 'accepted' },
    ]);
    expect(braze.requests.map(({ body }) => body)).toEqual(['{"external_ids":["ada"]}']);
  });

  it('of nobody leaves everybody to be submitted again, in five minutes', async () => {
    const { braze, connector } = await startBraze();
    braze.settings.countsUnknownIds = false;
    const deferred = { type: 'deferred', reason: 'not-taken', retryAfterMs: fiveMinutes };
    expect(await connector.submit([target('no-one'), target('nobody')])).toEqual([deferred, deferred]);
  });

  it('of fewer than were sent is in doubt for all, and is told apart one by one', async () => {
    const { braze, connector } = await startBraze();
    braze.settings.countsUnknownIds = false;
    braze.seed(['ada']);
    await expect(connector.submit([target('ada'), target('nobody')])).rejects.toMatchObject({
      code: 'response-unexpected',
      effect: 'in-doubt',
      message: expect.stringContaining('targetsPerCall'),
    });
    const one = createBrazeConnector({ restEndpoint, baseUrl: braze.url, ...braze.credentials, targetsPerCall: 1 });
    expect(one.capabilities.limits.submit.maxTargets).toBe(1);
    const outcomes = [await one.submit([target('ada')]), await one.submit([target('nobody')])].flat();
    expect(outcomes.map(({ type }) => type)).toEqual(['accepted', 'deferred']);
  });

  it('of more than were sent is looked at by a person before anything else', async () => {
    const { connector, answer } = await startBraze();
    answer({ deleted: 2 });
    await expect(connector.submit([target('ada')])).rejects.toMatchObject({
      code: 'answer-contradictory',
      isRetryable: false,
    });
  });

  it.each<[string, unknown]>([
    ['no count', { message: 'success' }],
    ['a count that is a text', { deleted: '1' }],
    ['half a person', { deleted: 0.5 }],
    ['another message', { deleted: 1, message: 'failure' }],
    ['errors', { deleted: 1, message: 'success', errors: ['one'] }],
    ['a list', [1]],
  ])('is no success with %s, whatever the HTTP status', async (_name, body) => {
    const { connector, answer } = await startBraze();
    answer(body, 200);
    await expect(connector.submit([target('ada')])).rejects.toMatchObject({ code: 'response-unexpected' });
  });

  it('takes no identifier of another kind, and sends nothing for it', async () => {
    const { braze, connector } = await startBraze();
    braze.seed([{ externalId: 'eve', brazeId: 'ada' }]);
    const outcomes = await connector.submit([target('ada', 'braze_id'), target('bob')]);
    expect(outcomes.map(({ type }) => type)).toEqual(['rejected', 'accepted']);
    expect(await connector.submit([target('ada', 'braze_id')])).toMatchObject([{ reason: 'unsupported' }]);
    braze.clock.advance(fiveMinutes);
    expect(braze.has('eve')).toBe(true);
    expect(braze.requests).toHaveLength(1);
  });

  it('by alias hits the label of the options only', async () => {
    const { braze, connector } = await startBraze({ identifier: 'user_alias', aliasLabel: 'crm' });
    braze.seed([
      { externalId: 'ada', aliasName: '7', aliasLabel: 'crm' },
      { externalId: 'eve', aliasName: '7', aliasLabel: 'shop' },
    ]);
    await connector.submit([target('7', 'user_alias')]);
    braze.clock.advance(fiveMinutes);
    expect(['ada', 'eve'].filter(braze.has)).toEqual(['eve']);
  });
});

describe('a refusal', () => {
  it.each<[number, string, ConnectorErrorCode]>([
    [400, 'The max number of external_ids and aliases per request was exceeded', 'request-too-large'],
    [400, 'The max number of ids per request was exceeded', 'request-too-large'],
    [400, 'Bad Request', 'request-rejected'],
    [401, 'Unauthorized', 'credentials-rejected'],
    [403, 'Forbidden', 'permission-missing'],
    [403, 'Access Denied', 'permission-missing'],
    [404, 'Not Found', 'setup-wrong'],
    [429, 'Rate Limited', 'rate-limited'],
    [500, 'Internal Server Error', 'vendor-unavailable'],
    [502, 'Bad Gateway', 'vendor-unavailable'],
    [503, 'Service Unavailable', 'vendor-unavailable'],
    [504, 'Gateway Timeout', 'vendor-unavailable'],
    [200, 'The max number of ids per request was exceeded', 'response-unexpected'],
  ])('with HTTP %i and "%s" is %s', async (status, message, code) => {
    const { connector, answer } = await startBraze();
    answer({ message, errors: [] }, status);
    await expect(connector.submit([target('ada')])).rejects.toMatchObject({ code });
  });

  it('with a text that is no JSON goes by its status', async () => {
    const { connector, answer } = await startBraze();
    answer('The max number of ids per request was exceeded', 400);
    await expect(connector.submit([target('ada')])).rejects.toMatchObject({ code: 'request-rejected' });
  });

  it('quotes nothing of the answer', async () => {
    const { connector, answer } = await startBraze();
    answer({ message: 'ada-4711 is not valid for key braze-sandbox-key' }, 400);
    const error: unknown = await connector.submit([target('ada-4711')]).catch((thrown: unknown) => thrown);
    expect(`${error}`).not.toMatch(/ada-4711|braze-sandbox-key/);
  });

  it('for too many calls says how long to wait, by the time of the reset', async () => {
    const { connector } = await startBraze();
    const busy = await startBrazeSandbox({ settings: { exportsPerMinute: 1 } });
    onTestFinished(() => busy.close());
    const reader = createBrazeConnector({ restEndpoint, baseUrl: busy.url, ...busy.credentials });
    await reader.verify?.([target('ada')]);
    await expect(reader.verify?.([target('ada')])).rejects.toMatchObject({
      code: 'rate-limited',
      retryAfterMs: 60_000,
    });
    expect(connector.capabilities.limits.rates).toContainEqual({
      kinds: ['verify', 'access'],
      calls: 250,
      perMs: 60_000,
    });
  });
});

describe('a read-back', () => {
  it('says who is there and who is not, in order', async () => {
    const { braze, connector } = await startBraze();
    braze.seed(['ada', 'bob']);
    const seen = await connector.verify?.(['nobody', 'bob', 'ada', 'bob'].map((value) => target(value)));
    expect(seen?.map(({ type }) => type)).toEqual(['absent', 'present', 'present', 'present']);
  });

  it('asks for no more of a person than the identifier', async () => {
    const { braze, connector } = await startBraze();
    await connector.verify?.([target('ada')]);
    expect(braze.requests.map(({ path, body }) => `${path} ${body}`)).toEqual([
      '/users/export/ids {"external_ids":["ada"],"fields_to_export":["external_id"]}',
    ]);
  });

  it('takes an answer without users for absence, and silence beside others for nothing', async () => {
    const { braze, connector } = await startBraze();
    braze.settings.namesUnknownIds = false;
    expect(await connector.verify?.([target('nobody')])).toEqual([{ type: 'absent' }]);
    braze.seed(['ada']);
    const seen = await connector.verify?.([target('ada'), target('nobody')]);
    expect(seen?.map(({ type }) => type)).toEqual(['present', 'unknown']);
  });

  it('still sees a person until the caches have caught up', async () => {
    const { braze, connector } = await startBraze();
    braze.seed(['ada']);
    await connector.submit([target('ada')]);
    braze.clock.advance((connector.capabilities.readBack?.afterMs ?? 0) - 1);
    expect(await connector.verify?.([target('ada')])).toEqual([{ type: 'present' }]);
    braze.clock.advance(1);
    expect(await connector.verify?.([target('ada')])).toEqual([{ type: 'absent' }]);
  });

  it.each<[string, unknown]>([
    ['somebody else', [{ external_id: 'Ada' }]],
    ['somebody else beside the person', [{ external_id: 'ada' }, { external_id: 'eve' }]],
    ['somebody without an id', [{ external_id: null }]],
  ])('believes no answer about %s', async (_name, users) => {
    const { connector, answer } = await startBraze();
    answer({ message: 'success', users }, 200);
    await expect(connector.verify?.([target('ada')])).rejects.toMatchObject({ code: 'answer-contradictory' });
  });

  it('believes no alias of another label', async () => {
    const { connector, answer } = await startBraze({ identifier: 'user_alias', aliasLabel: 'crm' });
    answer({ message: 'success', users: [{ user_aliases: [{ alias_name: '7', alias_label: 'shop' }] }] }, 200);
    await expect(connector.verify?.([target('7', 'user_alias')])).rejects.toMatchObject({
      code: 'answer-contradictory',
    });
    answer({ message: 'success', users: [{ user_aliases: null }] }, 200);
    await expect(connector.verify?.([target('7', 'user_alias')])).rejects.toMatchObject({
      code: 'answer-contradictory',
    });
  });

  it('takes no failed export for absence', async () => {
    const { connector, answer } = await startBraze();
    answer({ message: 'Something went wrong', users: [] }, 200);
    await expect(connector.verify?.([target('ada')])).rejects.toMatchObject({ code: 'response-unexpected' });
  });

  it('says nothing of an identifier of another kind', async () => {
    const { braze, connector } = await startBraze();
    expect(await connector.verify?.([target('ada', 'braze_id')])).toMatchObject([{ type: 'unknown' }]);
    expect(braze.requests).toHaveLength(0);
    const seen = await connector.verify?.([target('ada', 'braze_id'), target('ada')]);
    expect(seen?.map(({ type }) => type)).toEqual(['unknown', 'absent']);
  });
});

it('needs both permissions, and says which one access did not prove', async () => {
  const { braze, connector } = await startBraze();
  braze.settings.mayDelete = false;
  expect((await connector.checkAccess()).unproven.join()).toContain('users.delete');
  await expect(connector.submit([target('ada')])).rejects.toMatchObject({ code: 'permission-missing' });
  braze.settings.mayExport = false;
  await expect(connector.checkAccess()).rejects.toMatchObject({
    code: 'permission-missing',
    message: expect.stringContaining('users.export.ids'),
  });
});

describe('options', () => {
  const issuesOf = (options: object) => {
    try {
      createBrazeConnector(options as BrazeOptions);
      return [];
    } catch (error) {
      expect(`${error}`).not.toContain('secret');
      return OptionsError.isInstance(error) ? error.issues.map(({ path }) => path.join('.')) : [`${error}`];
    }
  };

  it('are named when they are wrong, and no value is', () => {
    const wrong = { apiKey: 'secret\n', restEndpoint: 'secret', baseUrl: 'secret', targetsPerCall: 51, retries: 3 };
    expect(issuesOf(wrong)).toEqual(['apiKey', 'restEndpoint', 'targetsPerCall', 'baseUrl', 'retries']);
  });

  it.each([
    'https://rest.iad-01.braze.com',
    'https://rest.us-10.braze.com',
    'https://rest.fra-02.braze.eu/',
    'https://rest.kr-01.braze.com',
  ])('take the REST endpoint %s', (endpoint) => {
    expect(issuesOf({ apiKey: 'key', restEndpoint: endpoint })).toEqual([]);
  });

  it.each([
    undefined,
    'https://sdk.iad-01.braze.com',
    'http://rest.iad-01.braze.com',
    'https://dashboard-01.braze.com',
    'https://rest.iad-01.braze.com.example.com',
  ])('take no other address for it: %s', (endpoint) => {
    expect(issuesOf({ apiKey: 'key', restEndpoint: endpoint })).toEqual(['restEndpoint']);
  });

  it('ask for a label with aliases, and only with them', () => {
    expect(issuesOf({ apiKey: 'key', restEndpoint, identifier: 'user_alias' })).toEqual(['aliasLabel']);
    expect(issuesOf({ apiKey: 'key', restEndpoint, aliasLabel: 'crm' })).toEqual(['aliasLabel']);
  });

  it('set the limits that an account has', () => {
    const { capabilities } = createBrazeConnector({
      apiKey: 'key',
      restEndpoint,
      identifier: 'braze_id',
      readsPerMinute: 2500,
      readBackAfterMs: 60_000,
    });
    expect(capabilities.limits).toMatchObject({ submit: { maxTargets: 50 }, verify: { maxTargets: 1 } });
    expect(capabilities.limits.rates.map(({ calls }) => calls)).toEqual([20_000, 2500]);
    expect(capabilities.readBack?.afterMs).toBe(60_000);
    expect(capabilities.identifiers).toEqual([{ type: 'braze_id', from: [] }]);
  });
});
