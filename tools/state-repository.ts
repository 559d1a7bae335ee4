/**
 * Writes into every package to be published in which repository it was built. npm compares that with the provenance of
 * the release and refuses a package where the two differ. It is stated while releasing, from what GitHub says of the
 * running workflow, so that a copy of this repository publishes under its own name.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readWorkspace } from './read-workspace.ts';

const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository } = process.env;
if (server === undefined || repository === undefined) {
  process.stderr.write('GITHUB_SERVER_URL and GITHUB_REPOSITORY are not set: this runs in the release workflow.\n');
  process.exit(1);
}
const root = process.cwd();
for (const { folder, manifest } of readWorkspace(root)) {
  if (manifest.private === true) continue;
  const path = join(root, folder, 'package.json');
  const stated = {
    ...(JSON.parse(readFileSync(path, 'utf8')) as object),
    repository: { type: 'git', url: `git+${server}/${repository}.git`, directory: folder },
  };
  writeFileSync(path, `${JSON.stringify(stated, undefined, 2)}\n`);
}
