import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createManualClock } from './sandbox-clock.ts';
import { createVendorServer, type VendorServer } from './vendor-server.ts';

const clock = createManualClock();
const people = new Set<string>();
let server: VendorServer;

beforeEach(async () => {
  people.clear();
  server = await createVendorServer({
    name: 'test',
    clock,
    handle: ({ body }) => ({ status: 204, act: () => people.delete(body) }),
    memory: {
      seed(given) {
        for (const [position, person] of given.entries()) {
          if (typeof person !== 'string') throw new Error(`Person ${position} must be a text.`);
          people.add(person);
        }
        return given.length;
      },
      lookup: (ids) => ids.map((id) => ({ id, hasProfile: people.has(id), hasEvents: false })),
      count: () => ({ people: people.size }),
    },
  });
});
afterEach(() => server.close());

async function control(method: string, path: string, body?: string): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${server.url}/_sandbox/${path}`, { method, ...(body === undefined ? {} : { body }) });
  return { status: response.status, body: await response.json() };
}

describe('control endpoints', () => {
  it('seed people from a JSON list and from JSON Lines, and tell which are still there', async () => {
    expect(await control('POST', 'people', '["ada"]')).toEqual({ status: 200, body: { seeded: 1 } });
    expect(await control('POST', 'people', '"bob"\n\n"cleo"\n')).toEqual({ status: 200, body: { seeded: 2 } });
    await fetch(server.url, { method: 'POST', body: 'bob' });
    expect(await control('POST', 'lookup', '{"ids":["cleo","bob"]}')).toEqual({
      status: 200,
      body: {
        results: [
          { id: 'cleo', hasProfile: true, hasEvents: false },
          { id: 'bob', hasProfile: false, hasEvents: false },
        ],
      },
    });
    expect((await control('GET', 'count')).body).toEqual({ people: 2 });
  });

  it('add and clear faults, which leave the control endpoints alone', async () => {
    const rule = { fault: { type: 'status', status: 500 }, method: 'POST', path: '.', times: 'infinity', skip: 0 };
    expect((await control('POST', 'faults', JSON.stringify(rule))).body).toEqual({ remaining: 1 });
    expect((await fetch(server.url, { method: 'POST', body: 'ada' })).status).toBe(500);
    expect((await fetch(server.url, { method: 'POST', body: 'ada' })).status).toBe(500);
    expect((await control('POST', 'people', '["ada"]')).status).toBe(200);
    expect((await control('DELETE', 'faults')).body).toEqual({ remaining: 0 });
    expect((await fetch(server.url, { method: 'POST', body: 'ada' })).status).toBe(204);
  });

  it.each([
    { type: 'status', status: 429, headers: { 'retry-after': '1' }, body: { a: 1 }, acted: true },
    { type: 'html', acted: true },
    { type: 'enormous', bytes: 10 },
    { type: 'slow', chunkDelayMs: 0 },
    { type: 'lie' },
  ])('take the fault $type', async (fault) => {
    expect((await control('POST', 'faults', JSON.stringify({ fault }))).status).toBe(200);
    await fetch(server.url, { method: 'POST', body: 'ada' }).then((response) => response.text());
    expect(server.requests[0]?.fault).toBe(fault.type);
  });

  it('advance the clock', async () => {
    const before = clock.now();
    expect((await control('POST', 'advance', '{"ms":5000}')).body).toEqual({ now: before + 5000 });
  });

  it('show requests and their counts, and forget them', async () => {
    await fetch(`${server.url}/a?b=c`, { method: 'POST', body: 'ada' });
    expect((await control('GET', 'requests')).body).toMatchObject({
      requests: [{ method: 'POST', path: '/a', query: 'b=c', body: 'ada', status: 204, acted: true }],
    });
    const counts = [{ method: 'POST', route: '/a', status: 204, count: 1 }];
    expect((await control('GET', 'requests?summary=1')).body).toEqual({ counts });
    await control('DELETE', 'requests');
    expect((await control('GET', 'requests?summary=1')).body).toEqual({ counts: [] });
    expect(server.requests).toEqual([]);
  });

  it.each([
    ['POST', 'people', '[1]', 'Person 0 must be a text.'],
    ['POST', 'people', '{', 'JSON'],
    ['POST', 'lookup', '{}', '{"ids": ["..."]}'],
    ['POST', 'advance', '{"ms":"1"}', '{"ms": number}'],
    ['POST', 'advance', '{"ms":-1}', 'from 0 up'],
    ['POST', 'faults', '[]', 'object'],
    ['POST', 'faults', '{"fault":{"type":"meteor"}}', 'fault.type'],
    ['POST', 'faults', '{"fault":{"type":"lie"},"tims":1}', '"tims"'],
    ['POST', 'faults', '{"fault":{"type":"lie"},"times":-1}', '"times"'],
    ['POST', 'faults', '{"fault":{"type":"enormous"}}', '"fault.bytes"'],
    ['POST', 'faults', '{"fault":{"type":"lie"},"path":1}', '"path"'],
  ])('%s %s with %s says what is wrong', async (method, path, body, message) => {
    const reply = await control(method, path, body);
    expect(reply.status).toBe(400);
    expect(reply.body).toMatchObject({ error: expect.stringContaining(message) });
  });

  it('do not know other paths', async () => {
    expect((await control('GET', 'nowhere')).status).toBe(404);
  });
});
