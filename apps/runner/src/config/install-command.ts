import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

const lockFiles = [
  ['pnpm-lock.yaml', 'pnpm add'],
  ['yarn.lock', 'yarn add'],
  ['bun.lock', 'bun add'],
  ['package-lock.json', 'npm install'],
] as const;

/** The command that installs a package in a folder, for the package manager whose lock file is nearest. */
export function installCommand(folder: string, packageName: string): string {
  for (let current = folder; ; current = dirname(current)) {
    const found = lockFiles.find(([file]) => existsSync(join(current, file)));
    if (found !== undefined) return `${found[1]} ${packageName}`;
    if (dirname(current) === current) return `npm install ${packageName}`;
  }
}
