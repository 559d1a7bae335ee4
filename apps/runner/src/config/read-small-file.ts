import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';

const longest = 16 * 1024 * 1024;

/**
 * Reads a file that is read whole: a configuration, a secret, a key. It never waits: a named pipe would hold the process until
 * somebody writes into it, and no signal but a kill would end that; a device may have no end.
 *
 * @throws Error whose `code` says why not, as the system does.
 */
export function readSmallFile(path: string): Uint8Array {
  const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stats = fstatSync(file);
    if (!stats.isFile() && !stats.isDirectory()) throw notRead('it is a pipe or a device, not a file');
    if (stats.size > longest) throw notRead('it is larger than 16 MB');
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}

function notRead(code: string): Error {
  return Object.assign(new Error(code), { code });
}
