import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { VendorNames } from '../../packages/create-connector/src/vendor-names.ts';
import { writeNewFiles } from '../../packages/create-connector/src/write-files.ts';
import { connectorFiles } from './connector-files.ts';
import { vendorLists } from './wire-lists.ts';

/**
 * Adds a connector to a copy of this repository.
 *
 * @returns The files that were written and those that were changed, from the root.
 * @throws CreateError where one of the new files is there already. Nothing is written then.
 */
export function addConnector(root: string, names: VendorNames): { written: string[]; changed: string[] } {
  // Worked out before anything is written: a list that is not where it was leaves nothing half done.
  const lists = vendorLists.map(({ path, add }) => [path, add(readFileSync(join(root, path), 'utf8'), names)] as const);
  const files = connectorFiles(root, names);
  writeNewFiles(root, files);
  for (const [path, text] of lists) writeFileSync(join(root, path), text);
  return { written: [...files.keys()].sort(), changed: lists.map(([path]) => path).sort() };
}
