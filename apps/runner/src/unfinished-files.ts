import { rmSync } from 'node:fs';

/** Files that are being written, and are removed when the process ends before they are whole. */
export interface UnfinishedFiles {
  /** Takes a file. Returns what lets go of it. */
  add(path: string): () => void;
  /** Removes them all. */
  remove(): void;
}

/** Makes the list of a process. */
export function createUnfinishedFiles(): UnfinishedFiles {
  const paths = new Set<string>();
  return {
    add(path) {
      paths.add(path);
      return () => paths.delete(path);
    },
    remove() {
      for (const path of paths) rmSync(path, { force: true });
      paths.clear();
    },
  };
}
