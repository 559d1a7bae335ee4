import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';

const cleanUps: (() => void)[] = [];
afterEach(() => {
  vi.doUnmock('undici');
  vi.resetModules();
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

it('loads undici with the first call and not before, since it takes longer than all of our own code', async () => {
  let isLoaded = false;
  vi.resetModules();
  vi.doMock('undici', async (importOriginal) => {
    isLoaded = true;
    return await importOriginal();
  });
  const { sendRequest } = await import('./index.ts');
  expect(isLoaded).toBe(false);

  let calls = 0;
  const server = createServer((_request, response) => {
    calls += 1;
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUps.push(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  const answer = await sendRequest(
    { method: 'GET', url: `http://127.0.0.1:${port}/` },
    { vendor: 'somebody', call: undefined },
  );

  expect({ isLoaded, calls, status: answer.status }).toEqual({ isLoaded: true, calls: 1, status: 200 });
});

it('says that nothing was sent where undici can not be loaded', async () => {
  vi.resetModules();
  vi.doMock('undici', () => {
    throw new Error('broken');
  });
  const { sendRequest } = await import('./index.ts');

  await expect(
    sendRequest({ method: 'GET', url: 'http://127.0.0.1:9/' }, { vendor: 'somebody', call: undefined }),
  ).rejects.toMatchObject({ code: 'setup-wrong', effect: 'nothing', vendor: 'somebody' });
});
