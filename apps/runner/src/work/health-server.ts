import { createServer, type Server } from 'node:http';
import { UserError } from '../user-error.ts';

/** Where a worker answers questions about its health. */
export interface HealthAddress {
  /** The address to listen on. */
  readonly host: string;
  /** The port; 0: any that is free. */
  readonly port: number;
}

/** Why a worker takes no work now; undefined: it does. */
export type Readiness = () => Promise<string | undefined>;

/** A server that says how a worker is. */
export interface HealthServer {
  /** Where it listens: `http://127.0.0.1:8686`. */
  readonly url: string;
  /** Ends it, with open connections. */
  close(): Promise<void>;
}

/**
 * Starts the server: `/healthz` answers 200 as long as the process does anything at all, `/readyz` answers 200 while the
 * worker takes work, and 503 with the reason while it does not.
 *
 * @throws UserError where the address can't be listened on.
 */
export async function startHealthServer(address: HealthAddress, readiness: Readiness): Promise<HealthServer> {
  const server = createServer((request, response) => {
    const answer = (status: number, body: object) => {
      response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
      response.end(`${JSON.stringify(body)}\n`);
    };
    const path = request.url?.split('?')[0];
    if (request.method !== 'GET' && request.method !== 'HEAD') answer(405, { status: 'method-not-allowed' });
    else if (path === '/healthz') answer(200, { status: 'ok' });
    else if (path === '/readyz') {
      readiness().then(
        (reason) =>
          reason === undefined ? answer(200, { status: 'ready' }) : answer(503, { status: 'not-ready', reason }),
        () => answer(503, { status: 'not-ready', reason: 'unknown' }),
      );
    } else answer(404, { status: 'not-found' });
  });
  await listen(server, address);
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : address.port;
  return {
    url: `http://${address.host.includes(':') ? `[${address.host}]` : address.host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, { host, port }: HealthAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const code = 'code' in error && typeof error.code === 'string' ? error.code : 'no code';
      reject(
        new UserError(
          code === 'EADDRINUSE'
            ? `Port ${port} of ${host} is taken, by another worker perhaps. Give this one another with --health-port (0: any that is free), or --no-health.`
            : `The worker can't listen on ${host}, port ${port}: the system says ${code}. Give another with --health-host and --health-port, or --no-health.`,
        ),
      );
    });
    server.listen(port, host, () => resolve());
  });
}
