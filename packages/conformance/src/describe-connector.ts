import { describe, it } from 'vitest';
import { ConformanceError } from './conformance-check.ts';
import { conformanceChecks } from './conformance-checks.ts';
import type { ConformanceHarness, ConformanceSetup } from './conformance-harness.ts';
import { requireKnownFields } from './harness-fields.ts';
import { watchProcess } from './watch-process.ts';

/**
 * Holds a connector to the contract: one vitest test per check. What can't be asked of this connector is skipped, and its
 * reason shown.
 *
 * @param name - What the tests are listed under: "connector-example".
 * @param setup - Makes a fresh harness for each test. It is called once more while tests are collected, to see which
 * checks can be asked of this connector.
 */
export function describeConnector(name: string, setup: ConformanceSetup): void {
  describe(name, async () => {
    const reasons = await reasonsNotToAsk(setup);
    // A connector that can't even be made fails as a test, with its own words, and not as a file that can't be read.
    if ('error' in reasons) {
      it('is made, with its harness', () => {
        throw reasons.error;
      });
      return;
    }

    for (const [index, check] of conformanceChecks.entries()) {
      if (reasons.list[index] !== undefined) continue;
      it(check.name, async () => {
        const harness = await setup();
        try {
          await check.run(harness);
        } finally {
          await harness.close();
        }
      });
    }

    for (const [reason, names] of namesByReason(reasons.list)) {
      it(`${names.length} of ${conformanceChecks.length} checks are not asked: ${reason}`, ({ skip }) => {
        skip(names.join('; '));
      });
    }
  });
}

function namesByReason(reasons: readonly (string | undefined)[]): Map<string, string[]> {
  const names = new Map<string, string[]>();
  for (const [index, reason] of reasons.entries()) {
    const name = conformanceChecks[index]?.name;
    if (reason !== undefined && name !== undefined) names.set(reason, [...(names.get(reason) ?? []), name]);
  }
  return names;
}

async function reasonsNotToAsk(
  setup: ConformanceSetup,
): Promise<{ readonly list: readonly (string | undefined)[] } | { readonly error: unknown }> {
  try {
    const probe = await makeWatched(setup);
    const list = conformanceChecks.map((check) => check.notAsked?.(probe));
    await probe.close();
    return { list };
  } catch (error) {
    return { error };
  }
}

/** Makes the first harness, and sees to it that nothing is read from the environment meanwhile. */
async function makeWatched(setup: ConformanceSetup): Promise<ConformanceHarness> {
  const watch = watchProcess();
  const harness = await setup().finally(watch.end);
  const [read] = watch.reads;
  if (read !== undefined) {
    await harness.close();
    throw new ConformanceError(
      `While the harness was made, process.env.${read.name} was read at ${read.place}. A connector reads nothing from the ` +
        'environment: take it as an option, which a configuration fills with { env: NAME }.',
    );
  }
  requireKnownFields(harness);
  return harness;
}
