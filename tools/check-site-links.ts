/** Says which links of the built documentation site lead nowhere: the second half of `pnpm run docs`. */
import { join } from 'node:path';
import { findDeadLinks } from './site/find-dead-links.ts';

const dead = await findDeadLinks(join(import.meta.dirname, '../site'));
for (const link of dead) process.stderr.write(`dead link in ${link}\n`);
process.exitCode = dead.length > 0 ? 1 : 0;
