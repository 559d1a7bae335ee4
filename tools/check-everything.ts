/**
 * Everything that has to hold, one step after the other: what `npm test` runs. A step that fails does not keep the next
 * ones from running. The last line is always `N passed, N failed`: every test of vitest, and one for each other step.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { countTests } from './count-tests.ts';
import { runCommand, stopRunningCommand } from './run-command.ts';

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
  /** How many passed and failed. Left out: the step is one, by its exit code. */
  readonly count?: (exitCode: number) => Counts;
}

const root = fileURLToPath(new URL('..', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'expunge-check-'));
const testReport = join(scratch, 'tests.json');

const steps: readonly Step[] = [
  {
    name: 'lint',
    command: ['biome', 'check', '--error-on-warnings', '--diagnostic-level=warn', '--max-diagnostics=none', '.'],
  },
  { name: 'types', command: ['tsc', '--noEmit'] },
  { name: 'build', command: ['turbo', 'run', 'build', '--output-logs=errors-only', '--log-order=grouped'] },
  {
    name: 'packages',
    command: ['turbo', 'run', 'check:package', '--output-logs=errors-only', '--log-order=grouped'],
  },
  { name: 'knip', command: ['knip', '--no-progress'] },
  { name: 'docs', command: ['typedoc', '--logLevel', 'Warn'] },
  { name: 'links', command: ['node', 'tools/check-site-links.ts'] },
  {
    name: 'tests',
    command: ['vitest', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${testReport}`],
    count: countTestReport,
  },
];

const startedAt = Date.now();
let passed = 0;
let failed = 0;
let interruptedBy: NodeJS.Signals | undefined;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // A second signal does not wait for children that do not end.
    stopRunningCommand(interruptedBy === undefined ? 'SIGTERM' : 'SIGKILL');
    interruptedBy = signal;
  });
}

for (const step of steps) {
  if (interruptedBy !== undefined) break;
  const stepStartedAt = Date.now();
  const { exitCode, output } = await runCommand('pnpm', ['exec', ...step.command], {
    folder: root,
    environment: quietEnvironment(),
  });
  if (interruptedBy !== undefined) break;
  const counts = step.count?.(exitCode) ?? { passed: exitCode === 0 ? 1 : 0, failed: exitCode === 0 ? 0 : 1 };
  passed += counts.passed;
  failed += counts.failed;
  if (counts.failed > 0) write(`${output.trimEnd()}\n`);
  const detail = counts.detail === undefined ? '' : `  ${counts.detail}`;
  write(`${counts.failed > 0 ? 'FAIL' : 'ok  '} ${step.name.padEnd(9)} ${seconds(stepStartedAt)}${detail}\n`);
}

rmSync(scratch, { recursive: true, force: true });
if (interruptedBy !== undefined) {
  write(`interrupted by ${interruptedBy}\n`);
  failed += 1;
}
write(`everything took ${seconds(startedAt).trim()}\n`);
write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed > 0 ? 1 : 0;

function countTestReport(exitCode: number): Counts {
  let report: string | undefined;
  try {
    report = readFileSync(testReport, 'utf8');
  } catch {
    return { passed: 0, failed: 1, detail: 'vitest wrote no report' };
  }
  const tests = countTests(report);
  // A run can fail without a failing test: an error outside of one, for instance.
  const failures = tests.failed === 0 && exitCode !== 0 ? 1 : tests.failed;
  const skipped = tests.skipped === 0 ? '' : `, ${tests.skipped} skipped: ${tests.skippedTitles.join('; ')}`;
  return { passed: tests.passed, failed: failures, detail: `${tests.passed} passed, ${failures} failed${skipped}` };
}

/** Nothing that runs here may call home or wait for an answer. */
function quietEnvironment(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    DO_NOT_TRACK: '1',
    TURBO_TELEMETRY_DISABLED: '1',
    TURBO_NO_UPDATE_NOTIFIER: '1',
    NO_UPDATE_NOTIFIER: '1',
  };
}

function seconds(sinceMs: number): string {
  return `${((Date.now() - sinceMs) / 1000).toFixed(1)} s`.padStart(8);
}

function write(text: string): void {
  process.stdout.write(text);
}
