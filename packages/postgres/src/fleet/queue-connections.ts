import { Socket } from 'node:net';
import { aliveness } from '../connection.ts';

/** The connections that pg-boss makes. */
export interface QueueConnections {
  /** How it makes them: options of `pg`, which it passes on. */
  readonly options: object;
  /** Ends them politely with `end`, and without a word those whose other side does not answer. */
  end(end: () => Promise<void>): Promise<void>;
}

// Longer than its clearing up and its migrations take. What has no answer by then is tried again.
const answerWithinMs = 60_000;

const endWithinMs = 3000;

/** Connections that notice when the other side is gone. */
export function createQueueConnections(): QueueConnections {
  const sockets = new Set<Socket>();
  return {
    options: {
      ...aliveness,
      query_timeout: answerWithinMs,
      stream: () => {
        const socket = new Socket();
        sockets.add(socket);
        socket.once('close', () => sockets.delete(socket));
        return socket;
      },
    },
    async end(end) {
      const timer = setTimeout(() => {
        for (const socket of sockets) socket.destroy();
      }, endWithinMs);
      await end();
      clearTimeout(timer);
    },
  };
}
