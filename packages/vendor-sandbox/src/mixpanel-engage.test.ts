import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRateLimiter } from './kit/rate-limiter.ts';
import { createManualClock } from './kit/sandbox-clock.ts';
import { mixpanelSandboxCredentials } from './mixpanel-access.ts';
import { engage as engageHandler } from './mixpanel-engage.ts';
import { defaultMixpanelSettings } from './mixpanel-settings.ts';
import { type Sandbox, startSandbox } from './start-sandbox.ts';

let sandbox: Sandbox<'mixpanel'>;
beforeEach(async () => {
  sandbox = await startSandbox({ vendors: ['mixpanel'] });
});
afterEach(() => sandbox.close());

const token = mixpanelSandboxCredentials.projectToken;
const deletion = (distinctId: string, more: object = {}) => ({
  $token: token,
  $distinct_id: distinctId,
  $delete: 'null',
  ...more,
});

async function engage(records: unknown, query = '') {
  const response = await fetch(`${sandbox.mixpanel.url}/engage${query}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: typeof records === 'string' ? records : JSON.stringify(records),
  });
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
}

describe('Mixpanel /engage: what it does', () => {
  it('removes the profiles named and leaves their events', async () => {
    const { mixpanel } = sandbox;
    mixpanel.seed(['ada', 'bob', 'cleo']);
    await engage([deletion('ada'), deletion('bob', { $delete: null })]);
    expect(mixpanel.hasProfile('ada')).toBe(false);
    expect(mixpanel.hasProfile('bob')).toBe(false);
    expect(mixpanel.hasEvents('ada')).toBe(true);
    expect(mixpanel.hasProfile('cleo')).toBe(true);
    expect(mixpanel.requests).toMatchObject([{ path: '/engage', acted: true }]);
  });

  it('answers success to any token, but changes the memory of the right project only', async () => {
    const { mixpanel } = sandbox;
    const other = mixpanel.addProject({ projectId: 12, projectToken: 'other-project-token' });
    mixpanel.seed(['ada']);
    other.seed(['ada']);
    const invented = await engage([deletion('ada', { $token: 'no-such-project' })], '?verbose=1&strict=1');
    expect(JSON.parse(invented.text)).toEqual({ error: null, errors: {}, num_good_events: 1, status: 1 });
    expect(mixpanel.hasProfile('ada')).toBe(true);
    await engage([deletion('ada', { $token: 'other-project-token' })]);
    expect(mixpanel.hasProfile('ada')).toBe(true);
    expect(other.hasProfile('ada')).toBe(false);
  });

  it('follows an alias to the original profile unless told to ignore aliases', async () => {
    const { mixpanel } = sandbox;
    mixpanel.seed([{ distinctId: 'original', aliases: ['alias'] }, { distinctId: 'alias' }]);
    await engage([deletion('alias', { $ignore_alias: true })]);
    expect(mixpanel.hasProfile('alias')).toBe(false);
    expect(mixpanel.hasProfile('original')).toBe(true);
    await engage([deletion('alias', { $ignore_alias: false })]);
    expect(mixpanel.hasProfile('original')).toBe(false);
  });

  it('lets a person come back with $set', async () => {
    const { mixpanel } = sandbox;
    mixpanel.seed(['ada']);
    await engage([deletion('ada')]);
    await engage([{ $token: token, $distinct_id: 'ada', $set: { $email: 'ada@example.test' } }]);
    expect(mixpanel.profile('ada')).toEqual({ $email: 'ada@example.test' });
  });

  it('can take its time to remove a profile', async () => {
    const { mixpanel, clock } = sandbox;
    mixpanel.seed(['ada']);
    mixpanel.settings.profileDeletionDelayMs = 60_000;
    await engage([deletion('ada')]);
    expect(mixpanel.hasProfile('ada')).toBe(true);
    clock.advance(60_000);
    expect(mixpanel.hasProfile('ada')).toBe(false);
  });

  it('takes 2,000 records and no more', async () => {
    const { mixpanel } = sandbox;
    const ids = Array.from({ length: 2001 }, (_, index) => `person-${index}`);
    mixpanel.seed(ids);
    const tooMany = await engage(ids.map((id) => deletion(id)));
    expect(tooMany.status).toBe(413);
    expect(mixpanel.count().profiles).toBe(2001);
    expect((await engage(ids.slice(1).map((id) => deletion(id)))).text).toBe('1');
    expect(mixpanel.count()).toEqual({ profiles: 1, events: 2001 });
  });

  it('limits records per project and minute', () => {
    const clock = createManualClock();
    const context = {
      settings: defaultMixpanelSettings(),
      records: createRateLimiter({ clock, max: 3, windowMs: 60_000 }),
      projectWithToken: () => undefined,
    };
    const statusOf = (records: object[]) => {
      const body = JSON.stringify(records);
      const sent = { method: 'POST', path: '/engage', segments: ['engage'], query: new URLSearchParams(), headers: {} };
      return engageHandler({ ...sent, body, at: 0, json: () => records, onFinished: () => {} }, context).status;
    };
    expect(statusOf([deletion('ada'), deletion('bob')])).toBe(200);
    expect(statusOf([deletion('ada'), deletion('bob')])).toBe(429);
    expect(statusOf([deletion('ada', { $token: 'another' })])).toBe(200);
    expect(statusOf([deletion('ada')])).toBe(200);
    clock.advance(60_000);
    expect(statusOf([deletion('ada'), deletion('bob')])).toBe(200);
  });
});

describe('Mixpanel /engage: what it answers', () => {
  const good = [deletion('ada')];
  const bad = [deletion('')];
  const mixed = [deletion('ada'), deletion(''), 'nothing'];
  const distinctIdError = '$distinct_id, missing or empty';

  it.each([
    ['good records, plainly', good, '', '1'],
    ['mixed records, plainly', mixed, '', '1'],
    ['bad records, plainly', bad, '', '0'],
    ['no records', [], '', '0'],
    ['no list', deletion('ada'), '', '0'],
    ['no JSON', 'data=', '', '0'],
    ['a callback', good, '?callback=done', 'done(1);'],
  ])('%s', async (_, records, query, text) => {
    expect(await engage(records, query)).toMatchObject({ status: 200, text });
  });

  it.each([
    ['good records, verbose', good, '?verbose=1', { error: null, status: 1 }],
    ['mixed records, verbose', mixed, '?verbose=1', { error: null, status: 1 }],
    ['bad records, verbose', bad, '?verbose=1', { error: distinctIdError, status: 0 }],
    ['good records, strict', good, '?strict=1', { error: null, errors: {}, num_good_events: 1, status: 1 }],
    [
      'mixed records, strict and verbose',
      mixed,
      '?strict=1&verbose=1',
      {
        error: null,
        errors: { 1: [distinctIdError], 2: ['record is not an object'] },
        num_good_events: 1,
        status: 1,
      },
    ],
    [
      'bad records, strict',
      bad,
      '?strict=1',
      { error: distinctIdError, errors: { 0: [distinctIdError] }, num_good_events: 0, status: 0 },
    ],
  ])('%s', async (_, records, query, body) => {
    const reply = await engage(records, query);
    expect(reply).toMatchObject({ status: 200, type: 'application/json' });
    expect(JSON.parse(reply.text)).toEqual(body);
  });

  it('can report refused records under strict by the count alone or by the errors alone', async () => {
    sandbox.mixpanel.settings.strictFailure = 'count-only';
    expect(JSON.parse((await engage(mixed, '?strict=1')).text)).toMatchObject({ errors: {}, num_good_events: 1 });
    sandbox.mixpanel.settings.strictFailure = 'errors-only';
    expect(JSON.parse((await engage(mixed, '?strict=1')).text)).toMatchObject({
      errors: { 1: [distinctIdError] },
      num_good_events: 3,
    });
  });

  it.each([
    [{ $distinct_id: 'ada', $delete: null }],
    [{ $token: token, $distinct_id: 5, $delete: null }],
    [{ $token: token, $distinct_id: 'ada' }],
    [{ $token: token, $distinct_id: 'ada', $delete: null, $note: 'x'.repeat(1_048_576) }],
  ])('counts an incomplete or oversized record as bad', async (record) => {
    sandbox.mixpanel.seed(['ada']);
    expect((await engage([record])).text).toBe('0');
    expect(sandbox.mixpanel.hasProfile('ada')).toBe(true);
    expect(sandbox.mixpanel.requests[0]?.acted).toBe(false);
  });

  it('answers plain text plainly and knows no other method', async () => {
    expect((await engage(good)).type).toContain('text/plain');
    expect((await fetch(`${sandbox.mixpanel.url}/engage`)).status).toBe(405);
  });
});
