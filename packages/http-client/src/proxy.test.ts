import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { inspect } from 'node:util';
import { ConnectorError } from '@expunge/core';
import { type Dispatcher, ProxyAgent } from 'undici';
import { afterEach, describe, expect, it } from 'vitest';
import { sendRequest } from './send-request.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  });
  return (server.address() as AddressInfo).port;
}

/** A vendor that remembers what reached it. */
async function startVendor(): Promise<{ readonly port: number; readonly received: string[] }> {
  const received: string[] = [];
  const server = createHttpServer((request, response) => {
    received.push(`${request.method} ${request.url}`);
    response.end('done');
  });
  return { port: await listen(server), received };
}

/** A proxy that opens tunnels to one port, whatever host is asked for. */
async function startProxy(port: number): Promise<{ readonly url: string; readonly asked: string[] }> {
  const asked: string[] = [];
  const server = createHttpServer();
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    asked.push(`${request.url} ${request.headers['proxy-authorization'] ?? ''}`);
    const upstream = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(upstream).pipe(socket);
    });
    upstream.on('error', () => socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'));
  });
  return { url: `http://user:p%40ss@127.0.0.1:${await listen(server)}`, asked };
}

/** A proxy that says the same thing to everybody. */
async function startAnswering(answer: string): Promise<string> {
  const server = createTcpServer((socket) => socket.once('data', () => socket.end(answer)));
  return `http://127.0.0.1:${await listen(server)}`;
}

function through(uri: string, options: Partial<ProxyAgent.Options> = {}): Dispatcher {
  const dispatcher = new ProxyAgent({ uri, proxyTunnel: true, ...options });
  closers.push(() => dispatcher.destroy());
  return dispatcher;
}

function send(dispatcher: Dispatcher, { path = '/canary', timeoutMs = 300_000 } = {}) {
  const request = { method: 'POST', url: `http://vendor.test${path}`, body: 'canary' } as const;
  return sendRequest(request, { vendor: 'acme', call: undefined, dispatcher, timeoutMs });
}

async function errorOf(call: Promise<unknown>): Promise<ConnectorError> {
  const error = await call.catch((thrown: unknown) => thrown);
  if (!ConnectorError.isInstance(error)) throw new Error('the call did not fail as a connector fails');
  return error;
}

it('is asked for the vendor, with its own credentials, and hands the call on', async () => {
  const vendor = await startVendor();
  const proxy = await startProxy(vendor.port);
  expect(await send(through(proxy.url))).toMatchObject({ status: 200, text: 'done' });
  expect(proxy.asked).toEqual([`vendor.test:80 Basic ${btoa('user:p@ss')}`]);
  expect(vendor.received).toEqual(['POST /canary']);
});

describe('a proxy that makes no connection: nothing happened', () => {
  it.each([
    [407, 'setup-wrong', 'does not accept its credentials (HTTP 407)'],
    [403, 'setup-wrong', "forbids the vendor's host (HTTP 403)"],
    [502, 'connection-failed', 'made no connection to the vendor (HTTP 502)'],
    [503, 'connection-failed', 'made no connection to the vendor (HTTP 503)'],
  ])('it answers %i', async (status, code, words) => {
    const url = await startAnswering(`HTTP/1.1 ${status} canary\r\ncontent-length: 6\r\n\r\ncanary`);
    const error = await errorOf(send(through(url)));
    expect(error).toMatchObject({ code, effect: 'nothing', message: expect.stringContaining(words) });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('canary');
  });

  it('it answers 407 to a call without a tunnel', async () => {
    const url = await startAnswering('HTTP/1.1 407 canary\r\ncontent-length: 0\r\n\r\n');
    const error = await errorOf(send(through(url, { proxyTunnel: false })));
    expect(error).toMatchObject({ code: 'setup-wrong', effect: 'nothing', message: expect.stringContaining('407') });
  });

  it('it closes the connection instead', async () => {
    expect(await errorOf(send(through(await startAnswering(''))))).toMatchObject({
      code: 'connection-failed',
      effect: 'nothing',
    });
  });

  it('nobody listens there', async () => {
    expect(await errorOf(send(through('http://127.0.0.1:1')))).toMatchObject({ code: 'connection-failed' });
  });

  it('the vendor is down behind it', async () => {
    const proxy = await startProxy(1);
    expect(await errorOf(send(through(proxy.url)))).toMatchObject({ code: 'connection-failed', effect: 'nothing' });
  });
});

describe('a proxy that says nothing', () => {
  it('takes no longer than the time-out, and the call is not sent when it wakes up', async () => {
    const vendor = await startVendor();
    const waiting: Socket[] = [];
    let isAwake = false;
    const open = (socket: Socket) =>
      new Promise<void>((resolve) => {
        const upstream = connect(vendor.port, '127.0.0.1', () => {
          socket.pipe(upstream).pipe(socket);
          socket.write('HTTP/1.1 200 OK\r\n\r\n', () => resolve());
        });
      });
    const server = createTcpServer((socket) => {
      socket.once('data', () => {
        if (isAwake) void open(socket);
        else waiting.push(socket);
      });
    });
    const dispatcher = through(`http://127.0.0.1:${await listen(server)}`);
    expect(await errorOf(send(dispatcher, { path: '/first', timeoutMs: 100 }))).toMatchObject({
      code: 'timed-out',
      effect: 'in-doubt',
    });
    expect(waiting).toHaveLength(1);
    isAwake = true;
    for (const socket of waiting) await open(socket);
    expect(await send(dispatcher, { path: '/second' })).toMatchObject({ status: 200 });
    expect(vendor.received).toEqual(['POST /second']);
  });

  it('does not keep a caller who gives up', async () => {
    const abort = new AbortController();
    const server = createTcpServer((socket) => socket.once('data', () => abort.abort()));
    const dispatcher = through(`http://127.0.0.1:${await listen(server)}`);
    const request = { method: 'POST', url: 'http://vendor.test/', body: 'x' } as const;
    const call = sendRequest(request, { vendor: 'acme', dispatcher, call: { signal: abort.signal } });
    expect(await errorOf(call)).toMatchObject({ code: 'aborted', effect: 'in-doubt' });
  });
});
