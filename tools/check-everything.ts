/**
 * Everything that has to hold: what `npm test` runs. Steps that do not need each other run beside each other, as many as the
 * machine has cores, and three at least. A step that fails does not keep others from running. What they say comes in the order of the list; the
 * last line is always `N passed, N failed`: every test of vitest, and one for each other step.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { countTests } from './count-tests.ts';
import { quietEnvironment } from './quiet-environment.ts';
import { runCommand, stopRunningCommands } from './run-command.ts';
import { runSteps } from './run-steps.ts';

interface Counts {
  readonly passed: number;
  readonly failed: number;
  /** What the line of the step says besides its time. */
  readonly detail?: string;
}

interface Step {
  readonly name: string;
  /** What `pnpm exec` is asked to run. */
  readonly command: readonly string[];
  /** Steps that have to end first, also where they fail. */
  readonly after?: readonly string[];
  /** How many passed and failed. Left out: the step is one, by its exit code. */
  readonly count?: (exitCode: number) => Counts;
}

const root = fileURLToPath(new URL('..', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'expunge-check-'));

const steps: readonly Step[] = [
  { name: 'build', command: ['turbo', 'run', 'build', '--output-logs=errors-only', '--log-order=grouped'] },
  {
    name: 'lint',
    command: ['biome', 'check', '--error-on-warnings', '--diagnostic-level=warn', '--max-diagnostics=none', '.'],
  },
  { name: 'knip', command: ['knip', '--no-progress'] },
  { name: 'docs', command: ['typedoc', '--logLevel', 'Warn'] },
  // The examples' own tests run in one of these, as an outsider runs them.
  tests('tests', ['node', 'mocks']),
  // Beside them: these wait for servers and workers more than they compute.
  tests('postgres', ['postgres']),
  { name: 'types', command: ['node', 'tools/check-types.ts'] },
  { name: 'links', command: ['node', 'tools/check-site-links.ts'], after: ['docs'] },
];

/** A run of vitest. Its tests look at what is built and at the site, and some put files where lint and knip look. */
function tests(name: string, projects: readonly string[]): Step {
  const report = join(scratch, `${name}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  return {
    name,
    command: ['vitest', 'run', ...projects.flatMap((project) => ['--project', project]), ...reporters],
    after: ['build', 'lint', 'knip', 'docs'],
    count: (exitCode) => countTestReport(report, exitCode),
  };
}

const startedAt = Date.now();
let passed = 0;
let failed = 0;
let interruptedBy: NodeJS.Signals | undefined;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // A second signal does not wait for children that do not end.
    stopRunningCommands(interruptedBy === undefined ? 'SIGTERM' : 'SIGKILL');
    interruptedBy = signal;
  });
}

await runSteps(steps, {
  atOnce: Math.max(3, availableParallelism()),
  run: async ({ command, count }) => {
    if (interruptedBy !== undefined) return undefined;
    const stepStartedAt = Date.now();
    const { exitCode, output } = await runCommand('pnpm', ['exec', ...command], {
      folder: root,
      environment: quietEnvironment(),
    });
    if (interruptedBy !== undefined) return undefined;
    const counts = count?.(exitCode) ?? { passed: exitCode === 0 ? 1 : 0, failed: exitCode === 0 ? 0 : 1 };
    return { counts, output, time: seconds(stepStartedAt) };
  },
  ended: ({ name }, end) => {
    if (end === undefined) return;
    const { counts, output, time } = end;
    passed += counts.passed;
    failed += counts.failed;
    if (counts.failed > 0) write(`${output.trimEnd()}\n`);
    const detail = counts.detail === undefined ? '' : `  ${counts.detail}`;
    write(`${counts.failed > 0 ? 'FAIL' : 'ok  '} ${name.padEnd(9)} ${time}${detail}\n`);
  },
});

rmSync(scratch, { recursive: true, force: true });
if (interruptedBy !== undefined) {
  write(`interrupted by ${interruptedBy}\n`);
  failed += 1;
}
write(`everything took ${seconds(startedAt).trim()}\n`);
write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed > 0 ? 1 : 0;

function countTestReport(path: string, exitCode: number): Counts {
  let report: string | undefined;
  try {
    report = readFileSync(path, 'utf8');
  } catch {
    return { passed: 0, failed: 1, detail: 'vitest wrote no report' };
  }
  const counts = countTests(report);
  // A run can fail without a failing test: an error outside of one, for instance.
  const failures = counts.failed === 0 && exitCode !== 0 ? 1 : counts.failed;
  const skipped = counts.skipped === 0 ? '' : `, ${counts.skipped} skipped: ${counts.skippedTitles.join('; ')}`;
  return { passed: counts.passed, failed: failures, detail: `${counts.passed} passed, ${failures} failed${skipped}` };
}

function seconds(sinceMs: number): string {
  return `${((Date.now() - sinceMs) / 1000).toFixed(1)} s`.padStart(8);
}

function write(text: string): void {
  process.stdout.write(text);
}
