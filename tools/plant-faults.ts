/**
 * Plants small mistakes in a copy of the sources, one at a time, runs the tests that have to see each, and says which were
 * caught. By hand, before and after tests are changed: what the suite would catch may not become less.
 *
 * `--only WORDS`: the faults in whose description the words stand. The exit code is 0 where all were caught.
 */
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { countTests } from './count-tests.ts';
import { type PlantedFault, plantedFaults } from './planted-faults/faults.ts';
import { plant } from './planted-faults/plant.ts';
import { runCommand, stopRunningCommands } from './run-command.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
/** A fault may keep a test from ending. */
const longestMs = 15 * 60_000;

const { values: flags } = parseArgs({ options: { only: { type: 'string', default: '' } } });
const wanted = plantedFaults.filter(({ what }) => what.includes(flags.only));
const copy = copySources();
let missed = 0;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    stopRunningCommands('SIGKILL');
    rmSync(copy, { recursive: true, force: true });
    process.exit(1);
  });
}
try {
  // What is red without any fault shows nothing.
  const redAnyway = new Set(await runTests([...new Set(wanted.flatMap(({ tests }) => tests))]));
  for (const title of redAnyway) write(`Red without any fault: ${title}\n\n`);
  write('| fault | in | caught by |\n|---|---|---|\n');
  for (const fault of wanted) {
    const [by] = (await tryFault(fault)).filter((title) => !redAnyway.has(title));
    if (by === undefined) missed += 1;
    write(`| ${fault.what} | \`${basename(fault.file)}\` | ${by ?? '**missed**'} |\n`);
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
write(`\n${wanted.length - missed} caught, ${missed} missed\n`);
process.exitCode = missed === 0 && wanted.length > 0 ? 0 : 1;

function copySources(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'expunge-faults-')));
  const leftOut = new Set(['node_modules', '.git', '.turbo', '.demo', 'site']);
  cpSync(root, folder, {
    recursive: true,
    // Packages find each other by links, which must lead to their copies.
    verbatimSymlinks: true,
    filter: (path) => basename(path) !== '.turbo' && !leftOut.has(relative(root, path)),
  });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
  return folder;
}

/** Plants a fault, and gives what is red with it. */
async function tryFault(fault: PlantedFault): Promise<readonly string[]> {
  const path = join(copy, fault.file);
  const source = readFileSync(path, 'utf8');
  writeFileSync(path, plant(fault, source));
  try {
    if (fault.isBuilt) await build(fault.file);
    return await runTests(fault.tests);
  } finally {
    writeFileSync(path, source);
    if (fault.isBuilt) await build(fault.file);
  }
}

async function build(file: string): Promise<void> {
  const folder = join(copy, ...file.split('/').slice(0, 2));
  const tsup = join(root, 'node_modules/tsup/dist/cli-default.js');
  const { exitCode, output } = await runCommand(
    process.execPath,
    [tsup, '--config', '../../tsup.config.ts', '--no-dts'],
    { folder, environment: process.env },
  );
  if (exitCode !== 0) throw new Error(`${relative(copy, folder)} could not be built:\n${output}`);
}

/** Runs tests, and gives the titles of those that fail. */
async function runTests(tests: readonly string[]): Promise<readonly string[]> {
  const report = join(copy, 'tests.json');
  rmSync(report, { force: true });
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', ...projectsOf(tests), '--reporter=json'];
  const { exitCode, output } = await runCommand(process.execPath, [...vitest, `--outputFile=${report}`, ...tests], {
    folder: copy,
    environment: process.env,
    timeoutMs: longestMs,
  });
  if (exitCode === 0) return [];
  if (!existsSync(report)) {
    if (exitCode === 128) return ['a test that does not end'];
    throw new Error(`The tests did not run:\n${output}`);
  }
  const { failed, failedTitles } = countTests(readFileSync(report, 'utf8'));
  if (failedTitles.length > 0) return failedTitles;
  return [failed > 0 ? 'a test file that does not load any more' : 'an error that nobody caught'];
}

// The ledger's contract runs on PostgreSQL too: once is enough here.
function projectsOf(tests: readonly string[]): readonly string[] {
  const areOfPostgres = tests.map((test) => test.endsWith('.postgres.test.ts'));
  return [
    ...(areOfPostgres.includes(false) ? ['--project', 'node'] : []),
    ...(areOfPostgres.includes(true) ? ['--project', 'postgres'] : []),
  ];
}

function write(text: string): void {
  process.stdout.write(text.replaceAll(`${copy}${sep}`, ''));
}
