import { describe, expect, it } from 'vitest';
import { ConformanceError } from './conformance-check.ts';
import { conformanceChecks } from './conformance-checks.ts';
import type { ConformanceHarness } from './conformance-harness.ts';
import { requireKnownFields } from './harness-fields.ts';
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

  it('with a field that is misspelt, or one that is missing', async () => {
    const { refusals, isGone, ...rest } = await referenceHarness();
    await rest.close();
    expect(() => requireKnownFields({ ...rest, refusal: refusals })).toThrow(
      'harness.refusal is no field of a harness (did you mean refusals?). harness.isGone is missing.',
    );
    expect(() => requireKnownFields({ ...rest, isGone, refusals })).not.toThrow();
  });

  it('whose documented answers mean something else', async () => {
    const harness = await referenceHarness();
    const documentedAnswers = [
      { call: 'submit', status: 200, body: { ok: false, error: 'tariff' }, means: 'quota-spent' },
      { call: 'check', status: 404, body: { ok: false, error: 'unknown' }, means: 'lost' },
    ] as const;
    expect(await adviceOf('documented answers mean what the documents say', { ...harness, documentedAnswers })).toMatch(
      /documentedAnswers\[0\] \(submit, HTTP 200\) has means 'quota-spent', and submit\(\) says 'request-rejected'.*\[1\]/,
    );
  });

  it('whose connector goes past its dispatcher, or never uses it', async () => {
    const harness = await referenceHarness();
    const past = { ...harness, connectorThrough: () => harness.connector };
    const name = 'makes all of its calls through the dispatcher that it is given';
    expect(await adviceOf(name, past)).toMatch(/submit\(\) calls the vendor past the dispatcher/);
  });

  it('that gives several names one value', async () => {
    const harness = await referenceHarness();
    const identifierFor = () => '4711';
    expect(await adviceOf('touches nobody else', { ...harness, identifierFor })).toMatch(/gives 1 values for 6 names/);
  });

  it('that says that an identifier is refused which is not', async () => {
    const harness = await referenceHarness();
    const oddIdentifiers = [{ label: 'a comma', value: 'a,b', decoy: 'a', isRefused: true }];
    const advice = await adviceOf('odd identifiers reach the right person', { ...harness, oddIdentifiers });
    expect(advice).toMatch(/with a comma is refused, and submit\(\) reports 'accepted'/);
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
