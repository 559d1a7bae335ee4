import { describe, expect, it } from 'vitest';
import { ConformanceError } from './conformance-check.ts';
import { conformanceChecks } from './conformance-checks.ts';
import type { ConformanceHarness } from './conformance-harness.ts';
import { mistakes } from './reference/mistakes.ts';
import { referenceHarness } from './reference/reference-harness.ts';

function checkNamed(name: string) {
  const check = conformanceChecks.find((candidate) => candidate.name === name);
  if (check === undefined) throw new Error(`There is no check "${name}".`);
  return check;
}

async function adviceOf(name: string, harness: ConformanceHarness): Promise<string | undefined> {
  try {
    await checkNamed(name).run(harness);
    return undefined;
  } catch (error) {
    if (error instanceof ConformanceError) return error.message;
    throw error;
  } finally {
    await harness.close();
  }
}

describe('the suite notices a connector that', () => {
  it.each(mistakes)('$mistake', async ({ spoil, check, advice }) => {
    expect(await adviceOf(check, await referenceHarness(spoil))).toMatch(advice);
    // The same check lets the good connector pass, so it is the mistake that was noticed.
    expect(await adviceOf(check, await referenceHarness())).toBeUndefined();
  });
});

describe('the suite notices a harness', () => {
  it('that seeds nobody', async () => {
    const harness = await referenceHarness();
    const advice = await adviceOf('touches nobody else', { ...harness, seed: () => undefined });
    expect(advice).toMatch(/harness.isGone\(\) says that a person who was just seeded is gone/);
  });

  it('whose subjects the connector cannot use', async () => {
    const harness = await referenceHarness();
    const subjectOf = (value: string) => ({ identifiers: [{ type: 'email', value }] });
    expect(await adviceOf('touches nobody else', { ...harness, subjectOf })).toMatch(/targetsOf\(\) makes no target/);
    const other = await referenceHarness();
    const named = await adviceOf('makes targets of the identifier types that it states', { ...other, subjectOf });
    expect(named).toMatch(/uses the identifier type 'email'/);
  });
});

it('has a name of its own for every check', () => {
  const names = conformanceChecks.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});
