import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { packPackages } from './outsiders/pack-packages.ts';
import { useTarballs } from './outsiders/use-tarballs.ts';
import { runCommand } from './run-command.ts';

// Until the first release is on npm: all packages as tarballs, and what a package.json elsewhere has to say to install them.
//
//   pnpm pack:all [folder]                  builds, and packs into the folder (default: tarballs)
//   pnpm pack:all [folder] --into <path>    the same, and lets the package.json at that path use them

const root = join(import.meta.dirname, '..');
const { folder, into } = readArguments(process.argv.slice(2));

const built = await runCommand('pnpm', ['run', 'build:quiet'], {
  folder: root,
  environment: process.env,
  timeoutMs: 900_000,
});
if (built.exitCode !== 0) {
  process.stderr.write(`${built.output}\nThe packages could not be built, so nothing was packed.\n`);
  process.exit(1);
}
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const packed = await packPackages(root, folder);
const { tarballs } = packed;
process.stdout.write(`${tarballs.size} packages were packed into ${folder}.\n`);
if (into === undefined) {
  const generator = tarballs.get('@expunge/create-connector') ?? '';
  process.stdout.write(
    [
      'A new connector:',
      `  npm exec --yes --package='${generator}' -- create-connector your-vendor`,
      "Let its package.json, or another package's, use the tarballs:",
      `  pnpm pack:all '${folder}' --into <its folder>`,
      'docs/from-tarballs.md says more.',
      '',
    ].join('\n'),
  );
} else if (existsSync(join(into, 'package.json'))) {
  const own = useTarballs(into, tarballs);
  process.stdout.write(`The package.json in ${into} uses them: ${own.join(', ')}. Next, there: npm install\n`);
} else {
  process.stderr.write(
    `There is no package.json in ${into}. docs/from-tarballs.md says how to make the package first.\n`,
  );
  process.exitCode = 1;
}

function readArguments(given: readonly string[]): { readonly folder: string; readonly into: string | undefined } {
  const at = given.indexOf('--into');
  const target = at < 0 ? undefined : given[at + 1];
  const others = given.filter((_text, index) => at < 0 || (index !== at && index !== at + 1));
  if ((at >= 0 && target === undefined) || others.length > 1 || others.some((text) => text.startsWith('-'))) {
    process.stderr.write('Usage: pnpm pack:all [folder] [--into <folder of a package>]\n');
    process.exit(1);
  }
  // pnpm runs scripts in the workspace; a path is meant from where the command was typed.
  const from = process.env.INIT_CWD ?? process.cwd();
  return {
    folder: others[0] === undefined ? join(root, 'tarballs') : resolve(from, others[0]),
    into: target === undefined ? undefined : resolve(from, target),
  };
}
