/** The part of vitest's JSON report that is read here. */
interface TestReport {
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly title: string;
      readonly ancestorTitles: readonly string[];
    }[];
  }[];
}

/** How many tests passed, failed and were skipped. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What failed, by the test's own title; a file that could not be loaded has none. */
  readonly failedTitles: readonly string[];
  /** What was skipped, by its outermost title, which says why. */
  readonly skippedTitles: readonly string[];
}

/**
 * Counts the tests of vitest's JSON report. A file that failed without a failing test (it could not be loaded, say)
 * counts as one failure: its tests are missing from the report, not passed.
 */
export function countTests(report: string): TestCounts {
  const files = (JSON.parse(report) as TestReport).testResults;
  let passed = 0;
  let failed = 0;
  let skipped = 0;
  const failedTitles: string[] = [];
  const skippedTitles = new Set<string>();
  for (const file of files) {
    const failedTests = file.assertionResults.filter((test) => test.status === 'failed');
    const failedHere = failedTests.length;
    failedTitles.push(...failedTests.map(({ title }) => title));
    const passedHere = file.assertionResults.filter((test) => test.status === 'passed').length;
    passed += passedHere;
    failed += failedHere === 0 && file.status === 'failed' ? 1 : failedHere;
    const skippedHere = file.assertionResults.filter(
      (test) => test.status !== 'failed' && test.status !== 'passed' && !isNotAsked(test.title),
    );
    skipped += skippedHere.length;
    for (const { title, ancestorTitles } of skippedHere) skippedTitles.add(ancestorTitles[0] ?? title);
  }
  return { passed, failed, skipped, failedTitles, skippedTitles: [...skippedTitles] };
}

/** The conformance suite lists what it can't ask of a connector as a skipped test with its reason: nothing that should have run. */
function isNotAsked(title: string): boolean {
  return / checks? (is|are) not asked: /.test(title);
}
