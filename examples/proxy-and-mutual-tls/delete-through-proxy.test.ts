import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createServer as createTlsServer } from 'node:tls';
import { startSandbox } from '@expunge/vendor-sandbox';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { type Authority, type Certified, certifyClient, certifyServer, makeAuthority } from './test/certificates.ts';

const host = 'altcraft.test';
const ada = 'ada@example.com';
const everybody = [ada, 'ada.b@example.com', 'bob@example.com'];

let folder: string;
let authority: Authority;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'expunge-proxy-'));
  authority = await makeAuthority();
});

async function startVendor() {
  const sandbox = await startSandbox({ vendors: ['altcraft'] });
  onTestFinished(async () => {
    await sandbox.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const { altcraft } = sandbox;
  altcraft.seed(everybody.map((email) => ({ email })));
  // Mutual TLS, as a gateway does it: whoever shows no certificate of the authority gets no further.
  const { cert, key } = await certifyServer(host, authority);
  const tls = { cert, key, ca: authority.cert, requestCert: true, rejectUnauthorized: true };
  const port = await listen(createTlsServer(tls, (socket) => pass(socket, altcraft.port)));
  return {
    url: `https://${host}:${port}`,
    altcraft,
    remaining: () => everybody.filter((email) => altcraft.profileIdsOf(email).length > 0),
  };
}

/** A forward proxy that knows where the host is, which nobody else does. */
async function startProxy() {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.writeHead(405).end();
  });
  server.on('connect', (request, socket: Socket) => {
    asked.push(`CONNECT ${request.url}`);
    const port = Number(request.url?.split(':')[1]);
    pass(socket, port, () => socket.write('HTTP/1.1 200 Connection established\r\n\r\n'));
  });
  return { url: `http://127.0.0.1:${await listen(server)}`, asked };
}

function pass(socket: Socket, port: number, onConnect?: () => void): void {
  const onward = connect(port, '127.0.0.1', onConnect);
  onward.on('error', () => socket.destroy());
  socket.on('error', () => onward.destroy());
  socket.pipe(onward).pipe(socket);
}

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}

async function deletePerson(email: string, url: string, proxy: string, client: Certified) {
  const file = (name: string, content: string) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const env = {
    PROXY: proxy,
    CLIENT_CERTIFICATE: file('client.pem', client.cert),
    CLIENT_KEY: file('client.key', client.key),
    NODE_EXTRA_CA_CERTS: file('authority.pem', authority.cert),
    ALTCRAFT_URL: url,
    ALTCRAFT_TOKEN: 'sandbox-token',
    ALTCRAFT_DATABASE: '1',
  };
  const script = join(import.meta.dirname, 'delete-through-proxy.ts');
  const child = spawn(process.execPath, [script, email], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const [output, [exitCode]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  return { output, exitCode };
}

it('deletes the right person, and the proxy sees only where the call goes', async () => {
  const vendor = await startVendor();
  const proxy = await startProxy();
  const { output, exitCode } = await deletePerson(ada, vendor.url, proxy.url, await certifyClient(authority));
  expect({ output, exitCode }).toEqual({
    output: expect.stringContaining('deleted, confirmed. Our own read saw the record before'),
    exitCode: 0,
  });
  expect(vendor.remaining()).toEqual(everybody.filter((email) => email !== ada));
  expect(new Set(proxy.asked)).toEqual(new Set([`CONNECT ${new URL(vendor.url).host}`]));
});

it('deletes nobody with the certificate of a stranger, and claims nothing', async () => {
  const vendor = await startVendor();
  const proxy = await startProxy();
  const stranger = await certifyClient(await makeAuthority());
  const { output, exitCode } = await deletePerson(ada, vendor.url, proxy.url, stranger);
  expect({ output, exitCode }).toEqual({ output: expect.stringContaining('nothing is proven'), exitCode: 1 });
  expect(vendor.remaining()).toEqual(everybody);
  expect(vendor.altcraft.requests).toHaveLength(0);
});
