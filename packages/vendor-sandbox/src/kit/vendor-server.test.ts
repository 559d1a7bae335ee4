import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Fault } from './fault-list.ts';
import { createManualClock } from './sandbox-clock.ts';
import type { VendorHandler } from './vendor-exchange.ts';
import { createVendorServer, type VendorServer, type VendorServerOptions } from './vendor-server.ts';

const started: VendorServer[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.close()));
});

/** A vendor that forgets whoever is named in the body. */
async function startForgetfulVendor(options: Partial<VendorServerOptions> = {}) {
  const people = new Set(['ada', 'bob', 'cleo']);
  const handle: VendorHandler = ({ body }) => ({
    status: 200,
    body: { forgotten: body },
    act: () => people.delete(body),
  });
  const clock = createManualClock();
  const server = await createVendorServer({ name: 'test', clock, handle, ...options });
  started.push(server);
  const forget = (person: string, signal?: AbortSignal) =>
    fetch(`${server.url}/people/forget?really=1`, { method: 'POST', body: person, ...(signal ? { signal } : {}) });
  return { server, people, forget, clock };
}

describe('a vendor server', () => {
  it('answers over a real socket and records what it was asked, what it answered and whether it acted', async () => {
    const { server, people, forget, clock } = await startForgetfulVendor();
    clock.advance(1000);
    const response = await forget('ada');
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toEqual({ forgotten: 'ada' });
    expect(people).toEqual(new Set(['bob', 'cleo']));
    expect(server.requests).toMatchObject([
      {
        method: 'POST',
        path: '/people/forget',
        query: 'really=1',
        headers: { 'content-type': 'text/plain;charset=UTF-8' },
        body: 'ada',
        at: clock.now(),
        answeredAt: clock.now(),
        status: 200,
        acted: true,
        fault: undefined,
      },
    ]);
  });

  it('does not say that it acted when the handler only answered', async () => {
    const { server, forget } = await startForgetfulVendor({ handle: () => ({ status: 404, body: 'no' }) });
    expect(await (await forget('ada')).text()).toBe('no');
    expect(server.requests[0]).toMatchObject({ status: 404, acted: false });
  });

  it('hands out the parts of the path decoded, and leaves alone what is no percent-encoding', async () => {
    const handle: VendorHandler = ({ segments }) => ({ status: 200, body: segments });
    const { server } = await startForgetfulVendor({ handle });
    const partsOf = async (path: string) => (await fetch(`${server.url}${path}`)).json();
    expect(await partsOf('/v1/users/a%2Fb%20c?x=1')).toEqual(['v1', 'users', 'a/b c']);
    expect(await partsOf('/v1/100%/')).toEqual(['v1', '100%', '']);
  });

  it('refuses a body beyond its limit with 413 and does not act', async () => {
    const { server, people, forget } = await startForgetfulVendor({ maxBodyBytes: 10 });
    expect((await forget('x'.repeat(11))).status).toBe(413);
    expect(people.size).toBe(3);
    expect(server.requests[0]).toMatchObject({ status: 413, acted: false, body: '' });
  });

  it('keeps counting requests that the log has dropped', async () => {
    const { server, forget } = await startForgetfulVendor({ keptRequests: 2, routeOf: () => '/people/{verb}' });
    for (let index = 0; index < 7; index += 1) await forget(`person-${index}`);
    expect(server.requests.length).toBeLessThanOrEqual(4);
    expect(server.requests.at(-1)?.body).toBe('person-6');
    expect(server.requestCounts()).toEqual([{ method: 'POST', route: '/people/{verb}', status: 200, count: 7 }]);
  });

  it('says so when its port is taken', async () => {
    const { server } = await startForgetfulVendor();
    await expect(startForgetfulVendor({ port: server.port })).rejects.toThrow(`port ${server.port} is taken`);
  });

  it('listens on loopback only', async () => {
    await expect(startForgetfulVendor({ host: '0.0.0.0' })).rejects.toThrow('loopback');
  });

  it('answers 500 when the handler itself fails, instead of leaving the caller without an answer', async () => {
    const { forget } = await startForgetfulVendor({
      handle: () => {
        throw new Error('broken');
      },
    });
    const response = await forget('ada');
    expect(response.status).toBe(500);
    expect(await response.text()).toContain('The test sandbox has a bug');
  });

  it('lets calls overlap when it has a latency', async () => {
    let inFlight = 0;
    let highest = 0;
    const { forget } = await startForgetfulVendor({
      latencyMs: 1000,
      handle: ({ onFinished }) => {
        inFlight += 1;
        highest = Math.max(highest, inFlight);
        onFinished(() => {
          inFlight -= 1;
        });
        return { status: 204 };
      },
    });
    await Promise.all([forget('ada'), forget('bob'), forget('cleo')]);
    expect(highest).toBe(3);
    await forget('ada');
    expect(highest).toBe(3);
  });

  it('ends hanging and idle connections at once when it closes', async () => {
    const { server, forget } = await startForgetfulVendor();
    server.faults.add({ fault: { type: 'hang-before' } });
    const idle = connect(server.port, '127.0.0.1');
    const idleEnded = new Promise((resolve) => idle.once('close', resolve));
    idle.on('error', () => {});
    const hanging = forget('ada');
    const isRejected = expect(hanging).rejects.toThrow();
    while (server.requests.length === 0) await new Promise(setImmediate);
    await server.close();
    await isRejected;
    await idleEnded;
  });
});

describe('faults', () => {
  async function forgetUnder(fault: Fault) {
    const vendor = await startForgetfulVendor();
    vendor.server.faults.add({ fault });
    const isGone = () => !vendor.people.has('ada');
    const record = () => vendor.server.requests[0];
    return { ...vendor, isGone, record };
  }

  it.each([
    ['reset-before', false],
    ['reset-after', true],
  ] as const)('%s: breaks the connection, acted: %s', async (type, acted) => {
    const { forget, isGone, record } = await forgetUnder({ type });
    await expect(forget('ada')).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } });
    expect(isGone()).toBe(acted);
    expect(record()).toMatchObject({ fault: type, acted, status: undefined });
  });

  it.each([
    ['hang-before', false],
    ['hang-after', true],
  ] as const)('%s: never answers, acted: %s', async (type, acted) => {
    const { forget, isGone, record, server } = await forgetUnder({ type });
    const abort = new AbortController();
    const call = forget('ada', abort.signal);
    const isAborted = expect(call).rejects.toThrow();
    while (server.requests.length === 0) await new Promise(setImmediate);
    expect(isGone()).toBe(acted);
    expect(record()).toMatchObject({ fault: type, acted, status: undefined });
    abort.abort();
    await isAborted;
  });

  it.each([false, true])('status: answers the given status, acted: %s', async (acted) => {
    const headers = { 'Retry-After': '7' };
    const fault: Fault = { type: 'status', status: 503, headers, body: { error: 'later' }, acted };
    const { forget, isGone, record } = await forgetUnder(fault);
    const response = await forget('ada');
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('7');
    expect(await response.json()).toEqual({ error: 'later' });
    expect(isGone()).toBe(acted);
    expect(record()).toMatchObject({ fault: 'status', status: 503, acted });
  });

  it.each([false, true])('html: answers a web page with HTTP 200, acted: %s', async (acted) => {
    const { forget, isGone, record } = await forgetUnder({ type: 'html', acted });
    const response = await forget('ada');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain('text/html');
    expect(await response.text()).toContain('<html>');
    expect(isGone()).toBe(acted);
    expect(record()).toMatchObject({ fault: 'html', acted });
  });

  it('truncated: acts and breaks off in the middle of the body', async () => {
    const { forget, isGone } = await forgetUnder({ type: 'truncated' });
    const response = await forget('ada');
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
    expect(isGone()).toBe(true);
  });

  it('enormous: acts and sends as many bytes as it was told', async () => {
    const { forget, isGone } = await forgetUnder({ type: 'enormous', bytes: 3_000_000 });
    const response = await forget('ada');
    expect((await response.arrayBuffer()).byteLength).toBe(3_000_000);
    expect(isGone()).toBe(true);
  });

  it('slow: acts and sends the whole body in single bytes', async () => {
    const { forget, isGone } = await forgetUnder({ type: 'slow', chunkDelayMs: 1 });
    const response = await forget('ada');
    expect(isGone()).toBe(true);
    const chunks: Uint8Array[] = [];
    for await (const chunk of response.body ?? []) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe('{"forgotten":"ada"}');
    expect(chunks.length).toBeGreaterThan(3);
  });

  it('lie: answers success without acting', async () => {
    const { forget, isGone, record } = await forgetUnder({ type: 'lie' });
    expect(await (await forget('ada')).json()).toEqual({ forgotten: 'ada' });
    expect(isGone()).toBe(false);
    expect(record()).toMatchObject({ fault: 'lie', status: 200, acted: false });
  });

  it('hit only matching requests, after those to skip, as often as told', async () => {
    const { server, people, forget } = await startForgetfulVendor();
    const fault: Fault = { type: 'status', status: 500 };
    server.faults.add({ fault, method: 'post', path: /forget$/, body: /^(bob|cleo)$/g, skip: 1, times: 2 });
    server.faults.add({ fault, path: /elsewhere/, times: Number.POSITIVE_INFINITY });
    const statuses: number[] = [];
    for (const person of ['ada', 'bob', 'bob', 'cleo', 'cleo']) statuses.push((await forget(person)).status);
    expect(statuses).toEqual([200, 200, 500, 500, 200]);
    expect(people).toEqual(new Set());
    expect(server.faults.remaining).toBe(1);
    server.faults.clear();
    expect(server.faults.remaining).toBe(0);
  });
});
