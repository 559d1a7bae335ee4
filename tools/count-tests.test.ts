import { describe, expect, it } from 'vitest';
import { countTests } from './count-tests.ts';

describe('countTests', () => {
  it('counts what passed, failed and was skipped', () => {
    const report = JSON.stringify({
      testResults: [
        { status: 'failed', assertionResults: [{ status: 'passed' }, { status: 'failed' }, { status: 'skipped' }] },
        { status: 'passed', assertionResults: [{ status: 'passed' }, { status: 'todo' }] },
      ],
    });
    expect(countTests(report)).toEqual({ passed: 2, failed: 1, skipped: 2 });
  });

  it('counts a file that could not be loaded as a failure', () => {
    const report = JSON.stringify({ testResults: [{ status: 'failed', assertionResults: [] }] });
    expect(countTests(report)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });
});
