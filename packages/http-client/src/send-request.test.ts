import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  type AddressInfo,
  connect,
  createServer as createTcpServer,
  type Socket,
  type Server as TcpServer,
} from 'node:net';
import { inspect } from 'node:util';
import { ConnectorError } from '@expunge/core';
import fc from 'fast-check';
import { Agent, MockAgent } from 'undici';
import { afterEach, describe, expect, it } from 'vitest';
import type { HttpRequest } from './http-request.ts';
import { type SendOptions, sendRequest } from './send-request.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** Serves HTTP on loopback for one test. */
async function serveHttp(handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createHttpServer(handle);
  return listen(server, () => server.closeAllConnections());
}

/** Serves raw bytes on loopback for one test. */
async function serveTcp(handle: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    handle(socket);
  });
  return listen(server, () => {
    for (const socket of sockets) socket.destroy();
  });
}

async function listen(server: TcpServer, drop: () => void): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    drop();
    await closed;
  });
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}

function get(url: string): HttpRequest {
  return { method: 'GET', url };
}

async function errorOf(request: HttpRequest, options: Partial<SendOptions> = {}): Promise<ConnectorError> {
  const result = await sendRequest(request, { vendor: 'acme', call: undefined, timeoutMs: 300_000, ...options }).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!ConnectorError.isInstance(result)) throw new Error('the call did not fail as a connector fails');
  return result;
}

describe('one attempt', () => {
  it('sends the request as it is and reads the whole answer', async () => {
    const received: object[] = [];
    const url = await serveHttp((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk;
      });
      request.on('end', () => {
        received.push({ method: request.method, url: request.url, type: request.headers['content-type'], body });
        response.setHeader('X-Thing', ['first', 'second']).setHeader('Set-Cookie', ['one', 'two']);
        response.writeHead(418).end('täglich 😀');
      });
    });
    const headers = { 'content-type': 'application/json' };
    const answer = await sendRequest(
      { method: 'POST', url: `${url}/a%2Fb?c=d`, headers, body: '{"é":1}' },
      { vendor: 'acme', call: undefined },
    );
    expect(received).toEqual([{ method: 'POST', url: '/a%2Fb?c=d', type: 'application/json', body: '{"é":1}' }]);
    expect(answer).toMatchObject({ status: 418, text: 'täglich 😀' });
    expect(answer.headers['set-cookie']).toBe('one');
    expect(answer.headers['x-thing']).toMatch(/^first/);
  });

  it('keeps the bytes as they came, also those that are no text', async () => {
    // A lone 0xff is no UTF-8: as text it becomes another character, and a signature over it would not fit any more.
    const sent = Buffer.from([0x7b, 0xff, 0x00, 0x0d, 0x0a, 0xc3, 0xa9, 0x7d]);
    const url = await serveHttp((_request, response) => {
      response.write(sent.subarray(0, 6));
      response.end(sent.subarray(6));
    });
    const answer = await sendRequest(get(url), { vendor: 'acme', call: undefined });
    expect(Buffer.from(answer.bytes)).toEqual(sent);
    expect(Buffer.from(answer.text)).not.toEqual(sent);
    expect(answer.text).toBe(sent.toString('utf8'));
  });

  it('has no bytes where the answer has none', async () => {
    const url = await serveHttp((_request, response) => response.writeHead(204).end());
    const answer = await sendRequest(get(url), { vendor: 'acme', call: undefined });
    expect([answer.bytes.length, answer.text]).toEqual([0, '']);
  });

  it.each([301, 302, 303, 307, 308])('returns a %i instead of following it', async (status) => {
    let calls = 0;
    const url = await serveHttp((_request, response) => {
      calls += 1;
      response.writeHead(status, { location: '/elsewhere' }).end();
    });
    expect(await sendRequest({ method: 'POST', url, body: 'x' }, { vendor: 'acme', call: undefined })).toMatchObject({
      status,
    });
    expect(calls).toBe(1);
  });

  it.each([500, 503, 429])('returns a %i instead of trying again', async (status) => {
    let calls = 0;
    const url = await serveHttp((_request, response) => {
      calls += 1;
      response.writeHead(status, { 'retry-after': '0' }).end();
    });
    expect(await sendRequest(get(url), { vendor: 'acme', call: undefined })).toMatchObject({ status });
    expect(calls).toBe(1);
  });

  it('reuses a connection, and puts only one call in doubt when it closes', async () => {
    const connections = new Set<Socket>();
    let calls = 0;
    const url = await serveHttp((request, response) => {
      connections.add(request.socket);
      calls += 1;
      if (calls === 3) request.socket.destroy();
      else response.end('ok');
    });
    const dispatcher = new Agent({ pipelining: 1 });
    closers.push(() => dispatcher.destroy());
    for (let call = 0; call < 2; call += 1) {
      expect(await sendRequest(get(url), { vendor: 'acme', call: undefined, dispatcher })).toMatchObject({
        text: 'ok',
      });
      // The connection is free again one turn of the event loop after the answer was read.
      await new Promise(setImmediate);
    }
    expect(connections.size).toBe(1);
    expect(await errorOf(get(url), { dispatcher })).toMatchObject({ code: 'connection-lost', effect: 'in-doubt' });
    // The call that broke was not sent a second time behind our back.
    expect(calls).toBe(3);
    expect(await sendRequest(get(url), { vendor: 'acme', call: undefined, dispatcher })).toMatchObject({ text: 'ok' });
  });

  it('goes through an injected dispatcher', async () => {
    const dispatcher = new MockAgent();
    dispatcher.disableNetConnect();
    closers.push(() => dispatcher.close());
    dispatcher.get('https://vendor.test').intercept({ path: '/a', method: 'PUT' }).reply(200, 'mocked');
    expect(
      await sendRequest(
        { method: 'PUT', url: 'https://vendor.test/a' },
        { vendor: 'acme', call: undefined, dispatcher },
      ),
    ).toMatchObject({
      status: 200,
      text: 'mocked',
    });
  });
});

describe('time', () => {
  it('runs out while the vendor says nothing', async () => {
    const url = await serveHttp(() => undefined);
    expect(await errorOf(get(url), { timeoutMs: 50 })).toMatchObject({
      code: 'timed-out',
      effect: 'in-doubt',
      vendor: 'acme',
    });
  });

  it('runs out in the middle of an answer that comes slowly', async () => {
    const url = await serveHttp((_request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('half');
    });
    expect(await errorOf(get(url), { timeoutMs: 100 })).toMatchObject({ code: 'timed-out' });
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31])(
    'of %d ms is no time: nothing is sent',
    async (timeoutMs) => {
      let calls = 0;
      const url = await serveHttp((_request, response) => {
        calls += 1;
        response.end();
      });
      expect(await errorOf(get(url), { timeoutMs })).toMatchObject({ code: 'setup-wrong', effect: 'nothing' });
      expect(calls).toBe(0);
    },
  );
});

it("waits for the vendor's limits before it sends, once", async () => {
  const order: string[] = [];
  const url = await serveHttp((_request, response) => {
    order.push('sent');
    response.end();
  });
  const beforeCall = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    order.push('allowed');
  };
  await sendRequest(get(url), { vendor: 'acme', call: { beforeCall } });
  expect(order).toEqual(['allowed', 'sent']);
});

describe("the caller's signal", () => {
  it('given before the call sends nothing', async () => {
    let calls = 0;
    const url = await serveHttp((_request, response) => {
      calls += 1;
      response.end();
    });
    expect(await errorOf(get(url), { call: { signal: AbortSignal.abort() } })).toMatchObject({
      code: 'not-sent',
      effect: 'nothing',
    });
    expect(calls).toBe(0);
  });

  it('given after the call was sent leaves it in doubt', async () => {
    const abort = new AbortController();
    const url = await serveHttp(() => abort.abort(new Error('canary')));
    const error = await errorOf(get(url), { call: { signal: abort.signal } });
    expect(error).toMatchObject({ code: 'aborted', effect: 'in-doubt' });
    expect(inspect(error)).not.toContain('canary');
  });

  it('given while the answer is read leaves it in doubt', async () => {
    const abort = new AbortController();
    const url = await serveHttp((_request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('half', () => setImmediate(() => abort.abort()));
    });
    expect(await errorOf(get(url), { call: { signal: abort.signal } })).toMatchObject({
      code: 'aborted',
      effect: 'in-doubt',
    });
  });

  it("given while the vendor's limits are waited for sends nothing", async () => {
    let calls = 0;
    const url = await serveHttp((_request, response) => {
      calls += 1;
      response.end();
    });
    const abort = new AbortController();
    const beforeCall = async () => abort.abort();
    expect(await errorOf(get(url), { call: { signal: abort.signal, beforeCall } })).toMatchObject({ code: 'not-sent' });
    expect(calls).toBe(0);
  });

  it('that is never given does not get in the way', async () => {
    const url = await serveHttp((_request, response) => response.end('ok'));
    const { signal } = new AbortController();
    expect(await sendRequest(get(url), { vendor: 'acme', call: { signal } })).toMatchObject({ text: 'ok' });
  });
});

describe('the size of an answer', () => {
  const size = 100_000;
  const serve = () => serveHttp((_request, response) => response.end('x'.repeat(size)));

  it('is read up to the limit', async () => {
    const answer = await sendRequest(get(await serve()), { vendor: 'acme', call: undefined, maxResponseBytes: size });
    expect(answer.text).toHaveLength(size);
  });

  it('is not read beyond it', async () => {
    expect(await errorOf(get(await serve()), { maxResponseBytes: size - 1 })).toMatchObject({
      code: 'response-unexpected',
      effect: 'in-doubt',
    });
  });

  it('is 1 MiB unless told', async () => {
    const url = await serveHttp((_request, response) => response.end('x'.repeat(1024 * 1024 + 1)));
    expect(await errorOf(get(url))).toMatchObject({ code: 'response-unexpected', effect: 'in-doubt' });
    expect(
      await sendRequest(get(url), { vendor: 'acme', call: undefined, maxResponseBytes: 2 * 1024 * 1024 }),
    ).toMatchObject({
      status: 200,
    });
  });

  it('is bounded also where the vendor never stops', async () => {
    const url = await serveTcp((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
      const flood = () => {
        while (socket.writable && socket.write('1000\r\n'.concat('x'.repeat(4_096), '\r\n')));
      };
      socket.on('drain', flood);
      flood();
    });
    expect(await errorOf(get(url), { maxResponseBytes: size })).toMatchObject({ code: 'response-unexpected' });
  });
});

describe('connections that fail', () => {
  it('refused: nothing happened', async () => {
    const url = await serveHttp(() => undefined);
    for (const close of closers.splice(0)) await close();
    expect(await errorOf(get(url))).toMatchObject({ code: 'connection-failed', effect: 'nothing', isRetryable: true });
  });

  it('unknown host: nothing happened', async () => {
    expect(await errorOf(get('http://vendor.invalid/'))).toMatchObject({
      code: 'connection-failed',
      effect: 'nothing',
    });
  });

  it('no TLS where TLS is expected: nothing happened', async () => {
    const url = await serveTcp((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect(await errorOf(get(url.replace('http:', 'https:')))).toMatchObject({
      code: 'connection-failed',
      effect: 'nothing',
    });
  });

  it.each([
    ['ETIMEDOUT', 'connect'],
    ['EHOSTUNREACH', 'connect'],
    ['ENETUNREACH', 'connect'],
    ['EADDRNOTAVAIL', 'connect'],
    ['EAI_AGAIN', 'getaddrinfo'],
    // A handshake that fails is a read or a write of its own.
    ['EPROTO', 'write'],
    ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', undefined],
  ])('%s of %s while connecting: nothing happened', async (code, syscall) => {
    const dispatcher = new Agent({
      connect: (_options, callback) => callback(Object.assign(new Error('canary'), { code, syscall }), null),
    });
    closers.push(() => dispatcher.destroy());
    expect(await errorOf(get('http://vendor.test/'), { dispatcher })).toMatchObject({
      code: 'connection-failed',
      effect: 'nothing',
    });
  });

  it.each([
    ['EHOSTUNREACH', 'read'],
    ['ENETUNREACH', 'read'],
    ['EADDRNOTAVAIL', 'write'],
    ['ETIMEDOUT', 'read'],
    ['EPROTO', 'read'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', undefined],
    ['ECONNREFUSED', 'connect'],
  ])('%s of %s after the call was sent: in doubt', async (code, syscall) => {
    let received = '';
    const url = await serveTcp((socket) => {
      socket.once('data', (data) => {
        received += data.toString();
        ours?.destroy(Object.assign(new Error('canary'), { code, syscall }));
      });
    });
    let ours: Socket | undefined;
    const dispatcher = new Agent({
      connect: (_options, callback) => {
        const socket = connect(Number(new URL(url).port), '127.0.0.1', () => callback(null, socket));
        ours = socket;
      },
    });
    closers.push(() => dispatcher.destroy());
    const request: HttpRequest = { method: 'POST', url, body: 'delete' };
    expect(await errorOf(request, { dispatcher })).toMatchObject({ code: 'connection-lost', effect: 'in-doubt' });
    expect(received).toContain('POST');
  });

  it('a host that a dispatcher finds unreachable without saying when: in doubt', async () => {
    const dispatcher = new MockAgent();
    dispatcher.disableNetConnect();
    closers.push(() => dispatcher.close());
    const lost = Object.assign(new Error('canary'), { code: 'EHOSTUNREACH', syscall: 'read' });
    dispatcher.get('https://vendor.test').intercept({ path: '/' }).replyWithError(lost);
    expect(await errorOf(get('https://vendor.test/'), { dispatcher })).toMatchObject({ code: 'connection-lost' });
  });

  it('reset before an answer: in doubt', async () => {
    const url = await serveTcp((socket) => socket.once('data', () => socket.resetAndDestroy()));
    expect(await errorOf(get(url))).toMatchObject({ code: 'connection-lost', effect: 'in-doubt', isRetryable: true });
  });

  it('closed before an answer: in doubt', async () => {
    const url = await serveTcp((socket) => socket.once('data', () => socket.end()));
    expect(await errorOf(get(url))).toMatchObject({ code: 'connection-lost', effect: 'in-doubt' });
  });

  it.each([['content-length: 100\r\n\r\n{"half":'], ['transfer-encoding: chunked\r\n\r\n5\r\nhalf.\r\n']])(
    'half an answer, then nothing: in doubt (%j)',
    async (half) => {
      for (const end of ['end', 'resetAndDestroy'] as const) {
        const url = await serveTcp((socket) => {
          socket.once('data', () =>
            socket.write(`HTTP/1.1 200 OK\r\n${half}`, () => setImmediate(() => socket[end]())),
          );
        });
        expect(await errorOf(get(url))).toMatchObject({ code: 'connection-lost', effect: 'in-doubt' });
      }
    },
  );

  it('an answer that is no HTTP: unexpected, in doubt', async () => {
    const url = await serveTcp((socket) => socket.once('data', () => socket.end('SSH-2.0-OpenSSH\r\n')));
    expect(await errorOf(get(url))).toMatchObject({ code: 'response-unexpected', effect: 'in-doubt' });
  });
});

describe('requests that are none', () => {
  it.each<[string, Partial<HttpRequest>]>([
    ['no URL', { url: 'nonsense' }],
    ['an empty URL', { url: '' }],
    ['another protocol', { url: 'ftp://vendor.test/' }],
    ['a header value with a line break', { headers: { authorization: 'a\r\nb: c' } }],
    ['a header name with a space', { headers: { 'a b': 'c' } }],
    ['a header value beyond Latin-1', { headers: { authorization: 'Bearer 😀' } }],
  ])('%s: nothing is sent', async (_name, change) => {
    let calls = 0;
    const url = await serveHttp((_request, response) => {
      calls += 1;
      response.end();
    });
    expect(await errorOf({ ...get(url), ...change })).toMatchObject({ code: 'setup-wrong', effect: 'nothing' });
    expect(calls).toBe(0);
  });
});

describe('errors', () => {
  it('carry no URL, header, body, answer or reason, wherever these came from', async () => {
    const url = await serveHttp((request, response) => {
      if (request.url?.includes('hang')) return;
      if (request.url?.includes('reset')) request.socket.destroy();
      else if (request.url?.includes('long')) response.end('canary'.repeat(100));
      else response.socket?.end('canary canary\r\n\r\n');
    });
    const refused = 'http://127.0.0.1:1/canary';
    const place = fc.constantFrom(
      `${url}/hang/canary`,
      `${url}/reset?canary`,
      `${url}/long#canary`,
      `${url}/odd`,
      refused,
    );
    const broken = fc.constantFrom(
      'http://canary:canary@vendor.invalid/',
      'canary',
      'canary://x',
      'http://[canary]/',
      url,
    );
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(place, broken),
        fc.constantFrom('canary', 'canary\r\nx', 'canary 😀'),
        async (target, header) => {
          const request: HttpRequest = {
            method: 'POST',
            url: target,
            headers: { authorization: header },
            body: 'canary',
          };
          const result = await sendRequest(request, {
            vendor: 'acme',
            call: undefined,
            timeoutMs: 30,
            maxResponseBytes: 10,
          }).catch((error: unknown) => error);
          if (!ConnectorError.isInstance(result)) throw new Error('not a ConnectorError');
          expect(result.cause).toBeUndefined();
          expect(inspect(result, { depth: 9, showHidden: true }) + JSON.stringify(result)).not.toContain('canary');
        },
      ),
      { numRuns: 60 },
    );
  });
});
