import { connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** Something between a ledger and its database that can be cut, and can go silent. */
export interface CuttableProxy {
  /** The database's URL, by way of the proxy. */
  readonly url: string;
  /** Cuts every connection, and lets none through until it is mended. */
  cut(): void;
  /** Lets connections through again. */
  repair(): void;
  /**
   * Says nothing more on the connections that are there, and does not even end them, as a machine without power does or a
   * firewall that forgets. New ones go through.
   */
  fallSilent(): void;
  /**
   * Looks at what goes to the server before it does: `'cut-after'` cuts the connection when it has arrived there,
   * `'silent-after'` lets it arrive and says nothing more.
   */
  onRequest: ((bytes: Buffer) => 'cut-after' | 'silent-after' | undefined) | undefined;
}

/** Opens a proxy for the test. */
export async function openCuttableProxy(databaseUrl: string): Promise<CuttableProxy> {
  const target = new URL(databaseUrl);
  const pairs = new Set<readonly [Socket, Socket]>();
  let isCut = false;
  const silent = new Set<readonly [Socket, Socket]>();
  const server = createServer({ allowHalfOpen: true }, (near) => {
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
      const then = silent.has(pair) ? undefined : proxy.onRequest?.(bytes);
      if (silent.has(pair)) return;
      if (then === 'cut-after') isDeaf = true;
      if (then === 'silent-after') silent.add(pair);
      far.write(bytes);
    });
    // Whatever the server answers to a request that is cut after it shows that the request has been dealt with.
    far.on('data', (bytes) => {
      if (silent.has(pair)) return;
      if (isDeaf) end();
      else near.write(bytes);
    });
    const ended = () => {
      if (!silent.has(pair)) end();
    };
    for (const socket of pair) socket.on('error', end).on('close', ended).on('end', ended).setNoDelay();
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
    fallSilent() {
      for (const pair of pairs) silent.add(pair);
    },
    repair() {
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
