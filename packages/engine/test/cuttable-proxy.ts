import { connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** Something between a ledger and its database that can be cut. */
export interface CuttableProxy {
  /** The database's URL, by way of the proxy. */
  readonly url: string;
  /** Cuts every connection, and lets none through until it is mended. */
  cut(): void;
  /** Lets connections through again. */
  mend(): void;
  /** Looks at what goes to the server before it does: `'cut-after'` cuts the connection when it has arrived there. */
  onRequest: ((bytes: Buffer) => 'cut-after' | undefined) | undefined;
}

/** Opens a proxy for the test. */
export async function openCuttableProxy(databaseUrl: string): Promise<CuttableProxy> {
  const target = new URL(databaseUrl);
  const pairs = new Set<readonly [Socket, Socket]>();
  let isCut = false;
  const server = createServer((near) => {
    if (isCut) {
      near.destroy();
      return;
    }
    const far = connect(Number(target.port || 5432), target.hostname);
    const pair = [near, far] as const;
    pairs.add(pair);
    const end = () => {
      pairs.delete(pair);
      near.destroy();
      far.destroy();
    };
    let isDeaf = false;
    near.on('data', (bytes) => {
      if (proxy.onRequest?.(bytes) === 'cut-after') isDeaf = true;
      far.write(bytes);
    });
    // Whatever the server answers to a request that is cut after it shows that the request has been dealt with.
    far.on('data', (bytes) => {
      if (isDeaf) end();
      else near.write(bytes);
    });
    for (const socket of pair) socket.on('error', end).on('close', end).setNoDelay();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String(typeof address === 'object' ? address?.port : 0);
  const cut = () => {
    isCut = true;
    for (const pair of pairs) for (const socket of pair) socket.destroy();
  };
  const proxy: CuttableProxy = {
    url: url.href,
    cut,
    mend() {
      isCut = false;
    },
    onRequest: undefined,
  };
  onTestFinished(() => {
    cut();
    server.close();
  });
  return proxy;
}
