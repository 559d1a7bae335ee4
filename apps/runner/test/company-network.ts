import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Certified } from './certificates.ts';

/** A server of a test. */
export interface Running {
  readonly port: number;
  close(): Promise<void>;
}

/** A forward proxy, and what it was asked for. */
export interface ForwardProxy extends Running {
  /** `CONNECT` targets and other methods with their addresses, in order. */
  readonly asked: readonly string[];
}

/** Puts HTTPS with mutual TLS in front of a vendor on loopback. */
export function startGateway(vendorPort: number, server: Certified, authority: Certified): Promise<Running> {
  const options = {
    ...server,
    ca: authority.cert,
    requestCert: true,
    rejectUnauthorized: true,
  };
  return run(createTlsServer(options, (socket) => join(socket, vendorPort)));
}

/** Starts a proxy that wants a password and finds every host on this machine. */
export async function startProxy(user: string, password: string): Promise<ForwardProxy> {
  const asked: string[] = [];
  const expected = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const server = createHttpServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.writeHead(405).end();
  });
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    asked.push(`CONNECT ${request.url}`);
    if (request.headers['proxy-authorization'] !== expected) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n');
      return;
    }
    const port = Number(request.url?.split(':').at(-1));
    join(socket, port, () => socket.write('HTTP/1.1 200 Connection established\r\n\r\n'));
  });
  return { ...(await run(server)), asked };
}

function join(socket: Socket, port: number, onConnect?: () => void): void {
  const upstream = connect(port, '127.0.0.1', onConnect);
  upstream.on('error', () => socket.destroy());
  socket.on('error', () => upstream.destroy());
  socket.pipe(upstream).pipe(socket);
}

async function run(server: Server): Promise<Running> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
