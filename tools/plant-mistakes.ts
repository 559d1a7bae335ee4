import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { copySources } from './plant-mistakes/copy-sources.ts';
import { coverageTables } from './plant-mistakes/coverage-tables.ts';
import { type Plan, type PlantedResult, withMistake } from './plant-mistakes/plant.ts';
import { runCommand } from './run-command.ts';

// Plants one mistake after the other in a copy of a connector, runs that connector's conformance test alone, and says
// which ones the suite caught.
//
//   node tools/plant-mistakes.ts                      every connector
//   node tools/plant-mistakes.ts braze                one of them
//   node tools/plant-mistakes.ts braze --write        and writes what was found to tools/plant-mistakes/results, and the tables
//                                                     of docs/conformance-coverage.md

const root = join(import.meta.dirname, '..');
const plans = join(import.meta.dirname, 'plant-mistakes/mistakes');
const parameters = process.argv.slice(2);
const names = parameters.filter((each) => !each.startsWith('--'));
const chosen = readdirSync(plans).filter((file) => names.length === 0 || names.includes(file.replace('.json', '')));
if (chosen.length === 0) {
  process.stderr.write(`There is none of: ${names.join(', ')}. There are: ${readdirSync(plans).join(', ')}\n`);
  process.exit(1);
}

const copy = copySources(root);
try {
  for (const file of chosen) {
    const plan: Plan = JSON.parse(readFileSync(join(plans, file), 'utf8'));
    const before = await failureOf(plan.test);
    if (before !== undefined) throw new Error(`${plan.test} fails before anything is planted: ${before}`);
    const results: PlantedResult[] = [];
    for (const mistake of plan.mistakes) {
      const caughtBy = await withMistake(copy, mistake, () => failureOf(plan.test));
      results.push({ mistake: mistake.mistake, file: mistake.file, caughtBy: caughtBy ?? null });
      const verdict = caughtBy === undefined ? (mistake.unknowable === undefined ? 'MISSED' : 'missed') : 'caught';
      process.stdout.write(
        `${verdict}  ${plan.connector}: ${mistake.mistake}${caughtBy === undefined ? '' : `  [${caughtBy}]`}\n`,
      );
    }
    const caught = results.filter(({ caughtBy }) => caughtBy !== null).length;
    process.stdout.write(`${plan.connector}: ${caught} of ${results.length} caught\n`);
    if (parameters.includes('--write')) {
      const path = join(import.meta.dirname, 'plant-mistakes/results', file);
      writeFileSync(path, `${JSON.stringify(results, undefined, 2)}\n`);
    }
  }
  if (parameters.includes('--write')) writeTables();
} finally {
  rmSync(copy, { recursive: true, force: true });
}

/** Puts the tables between their marks. */
function writeTables(): void {
  const path = join(root, 'docs/conformance-coverage.md');
  const page = readFileSync(path, 'utf8');
  const [before, , after] = page.split(/(<!-- tables -->)[\s\S]*?(?=<!-- end of tables -->)/);
  writeFileSync(path, `${before}<!-- tables -->\n\n${coverageTables(root)}\n\n${after}`);
}

/** The first test that fails, or what kept the tests from running; undefined where all pass. */
async function failureOf(test: string): Promise<string | undefined> {
  const report = join(copy, 'report.json');
  rmSync(report, { force: true });
  const options = ['run', '--project', 'node', '--bail', '1', '--reporter', 'json', '--outputFile', report, test];
  const { exitCode } = await runCommand(join(copy, 'node_modules/.bin/vitest'), options, {
    folder: copy,
    environment: { ...process.env, NO_COLOR: '1' },
    timeoutMs: 120_000,
  });
  if (exitCode === 0) return undefined;
  try {
    const { testResults } = JSON.parse(readFileSync(report, 'utf8'));
    for (const { assertionResults, message } of testResults) {
      const failed = assertionResults.find(({ status }: { status: string }) => status === 'failed');
      if (failed !== undefined) return failed.title;
      if (message) return `the test can not be loaded: ${String(message).split('\n')[0]}`;
    }
  } catch {
    return 'the tests do not end';
  }
  return 'the tests fail';
}
