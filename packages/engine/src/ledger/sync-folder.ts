import { closeSync, fsyncSync, openSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Has the folder of a path on the disk: a file that was made or renamed in it is there after a power cut only then.
 * Windows has no such thing, and does it by itself.
 */
export function syncFolderOf(path: string): void {
  if (process.platform === 'win32') return;
  syncPath(dirname(path));
}

/** Has a file's content on the disk. */
export function syncPath(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
