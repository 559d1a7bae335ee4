import { describe, expect, it } from 'vitest';
import { countTests } from './count-tests.ts';

function test(status: string, ...ancestorTitles: readonly string[]): object {
  return { status, title: 'a test', ancestorTitles };
}

describe('countTests', () => {
  it('counts what passed, failed and was skipped', () => {
    const report = JSON.stringify({
      testResults: [
        {
          status: 'failed',
          assertionResults: [test('passed'), test('failed'), test('skipped', 'a group (no Chrome)')],
        },
        { status: 'passed', assertionResults: [test('passed'), test('todo'), test('skipped', 'a group (no Chrome)')] },
      ],
    });
    const skippedTitles = ['a group (no Chrome)', 'a test'];
    expect(countTests(report)).toEqual({ passed: 2, failed: 1, skipped: 3, failedTitles: ['a test'], skippedTitles });
  });

  it('does not count what the conformance suite lists as not asked', () => {
    const notAsked = {
      ...test('skipped', 'connector-acme'),
      title: '4 of 98 checks are not asked: the connector has no cancel()',
    };
    const report = JSON.stringify({
      testResults: [{ status: 'passed', assertionResults: [test('passed'), notAsked] }],
    });
    expect(countTests(report)).toMatchObject({ passed: 1, failed: 0, skipped: 0, skippedTitles: [] });
  });

  it('counts a file that could not be loaded as a failure', () => {
    const report = JSON.stringify({ testResults: [{ status: 'failed', assertionResults: [] }] });
    expect(countTests(report)).toEqual({ passed: 0, failed: 1, skipped: 0, failedTitles: [], skippedTitles: [] });
  });
});
