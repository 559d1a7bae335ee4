import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { FileTexts } from './render-template.ts';
import { CreateError } from './vendor-names.ts';

/**
 * Refuses a folder in which something is already.
 *
 * @throws CreateError saying what to do instead.
 */
export function requireEmptyFolder(folder: string): void {
  if (!existsSync(folder)) return;
  const found = readdirSync(folder).filter((name) => name !== '.git');
  if (found.length === 0) return;
  throw new CreateError(`${folder} is not empty. Nothing was written: choose another folder with --folder.`);
}

/**
 * Writes files, none of which may be there yet.
 *
 * @throws CreateError naming the first that is, before anything is written.
 */
export function writeNewFiles(folder: string, files: FileTexts): void {
  for (const path of files.keys()) {
    if (existsSync(join(folder, path))) throw new CreateError(`${path} is there already. Nothing was written.`);
  }
  for (const [path, text] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text, { flag: 'wx' });
  }
}
