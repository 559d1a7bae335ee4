import { closeSync, constants, openSync } from 'node:fs';
import { Socket } from 'node:net';

/**
 * A named pipe, read without a thread that waits for somebody to write: neither a signal nor the end of the process could reach such
 * a thread.
 */
export function openPipe(path: string): Socket {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return new Socket({ fd: file, readable: true, writable: false });
  } catch (error) {
    closeSync(file);
    throw error;
  }
}
