import { afterEach, describe, expect, it } from 'vitest';
import { createManualClock, createScaledClock } from './kit/sandbox-clock.ts';
import { mixpanelSandboxCredentials } from './mixpanel-access.ts';
import { startSandbox, vendorNames } from './start-sandbox.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});
function closeAfterTest<S extends { close(): Promise<void> }>(sandbox: S): S {
  closing.push(sandbox.close);
  return sandbox;
}

function createTask(url: string, distinctId: string) {
  const { projectToken, oauthToken } = mixpanelSandboxCredentials;
  return fetch(`${url}/api/app/data-deletions/v3.0/?token=${projectToken}`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${oauthToken}` },
    body: JSON.stringify({ distinct_ids: [distinctId] }),
  });
}

describe('startSandbox', () => {
  it('starts every vendor on a port of its own', async () => {
    const sandbox = closeAfterTest(await startSandbox());
    expect(vendorNames.slice(0, 4)).toEqual(['mixpanel', 'clevertap', 'altcraft', 'segment']);
    const urls = vendorNames.map((name) => sandbox[name].url);
    expect(new Set(urls).size).toBe(vendorNames.length);
    for (const url of urls) {
      expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
      expect((await fetch(`${url}/_sandbox/count`)).status).toBe(200);
    }
  });

  it('starts only the vendors asked for, on the ports asked for', async () => {
    const free = await startSandbox({ vendors: ['clevertap'] });
    const { port } = free.clevertap;
    await free.close();
    const sandbox = closeAfterTest(await startSandbox({ vendors: ['clevertap'], ports: { clevertap: port } }));
    expect(Object.keys(sandbox).sort()).toEqual(['clevertap', 'clock', 'close']);
    expect(sandbox.clevertap.url).toBe(`http://127.0.0.1:${port}`);
  });

  it('leaves nothing running when one port is taken', async () => {
    const running = closeAfterTest(await startSandbox({ vendors: ['clevertap'] }));
    const mixpanel = await startSandbox({ vendors: ['mixpanel'] });
    const ports = { mixpanel: mixpanel.mixpanel.port, clevertap: running.clevertap.port };
    await mixpanel.close();
    await expect(startSandbox({ vendors: ['mixpanel', 'clevertap'], ports })).rejects.toThrow(
      `The CleverTap sandbox cannot listen on 127.0.0.1: port ${ports.clevertap} is taken`,
    );
    closeAfterTest(await startSandbox({ vendors: ['mixpanel'], ports }));
  });

  it('counts limits by the manual clock', async () => {
    const { mixpanel, clock } = closeAfterTest(await startSandbox({ vendors: ['mixpanel'] }));
    expect((await createTask(mixpanel.url, 'ada')).status).toBe(201);
    expect((await createTask(mixpanel.url, 'bob')).status).toBe(429);
    clock.advance(1000);
    expect((await createTask(mixpanel.url, 'bob')).status).toBe(201);
  });

  it('counts limits in real time where the clock is scaled', async () => {
    const clock = createScaledClock({ daySeconds: 0.001 });
    const { mixpanel } = closeAfterTest(await startSandbox({ vendors: ['mixpanel'], clock }));
    expect((await createTask(mixpanel.url, 'ada')).status).toBe(201);
    clock.advance(86_400_000);
    expect((await createTask(mixpanel.url, 'bob')).status).toBe(429);
  });

  it('counts limits by a clock of their own where told', async () => {
    const limitClock = createManualClock();
    const { mixpanel, clock } = closeAfterTest(await startSandbox({ vendors: ['mixpanel'], limitClock }));
    await createTask(mixpanel.url, 'ada');
    clock.advance(1000);
    expect((await createTask(mixpanel.url, 'bob')).status).toBe(429);
    limitClock.advance(1000);
    expect((await createTask(mixpanel.url, 'bob')).status).toBe(201);
  });

  it('can do without limits', async () => {
    const { mixpanel } = closeAfterTest(await startSandbox({ vendors: ['mixpanel'], limits: 'off' }));
    expect((await createTask(mixpanel.url, 'ada')).status).toBe(201);
    expect((await createTask(mixpanel.url, 'bob')).status).toBe(201);
  });

  it('starts vendors with other settings', async () => {
    const sandbox = closeAfterTest(
      await startSandbox({
        settings: {
          mixpanel: { createReply: 'no-id' },
          clevertap: { deletionDelayMs: 0 },
          altcraft: { severalMatches: 'refuse' },
          segment: { createsPerMinute: 1 },
        },
      }),
    );
    expect(await (await createTask(sandbox.mixpanel.url, 'ada')).json()).toEqual({ status: 'ok', results: {} });
    expect(sandbox.mixpanel.settings).toMatchObject({ createReply: 'no-id', taskNotFound: 'ok-200' });
    expect(sandbox.clevertap.settings).toMatchObject({ deletionDelayMs: 0, deleteReply: 'success' });
    expect(sandbox.altcraft.settings.severalMatches).toBe('refuse');
    expect(sandbox.segment.settings.createsPerMinute).toBe(1);
  });

  it('remembers many people', async () => {
    const { mixpanel, clevertap } = closeAfterTest(await startSandbox({ vendors: ['mixpanel', 'clevertap'] }));
    const ids = Array.from({ length: 200_000 }, (_, index) => `person-${index}`);
    expect(mixpanel.seed(ids)).toBe(200_000);
    expect(clevertap.seed(ids)).toBe(200_000);
    clevertap.queueDeletion('identity', ids.slice(1), 0);
    expect(clevertap.count()).toEqual({ profiles: 1, queued: 0 });
    expect(mixpanel.lookup(ids).every(({ hasProfile, hasEvents }) => hasProfile && hasEvents)).toBe(true);
  });
});
