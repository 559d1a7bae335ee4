import { describe, it } from 'vitest';
import type { ConformanceCheck } from './conformance-check.ts';
import { conformanceChecks } from './conformance-checks.ts';
import type { ConformanceSetup } from './conformance-harness.ts';

/**
 * Holds a connector to the contract: one vitest test per check.
 *
 * @param name - What the tests are listed under: "connector-example".
 * @param setup - Makes a fresh harness for each test. It is called once more while tests are collected, to see which
 * checks can be asked of this connector.
 */
export function describeConnector(name: string, setup: ConformanceSetup): void {
  describe(name, async () => {
    const checks = await applicableChecks(setup);
    // A connector that can't even be made fails as a test, with its own words, and not as a file that can't be read.
    if ('error' in checks) {
      it('is made, with its harness', () => {
        throw checks.error;
      });
      return;
    }

    for (const check of checks.list) {
      it(check.name, async () => {
        const harness = await setup();
        try {
          await check.run(harness);
        } finally {
          await harness.close();
        }
      });
    }
  });
}

async function applicableChecks(
  setup: ConformanceSetup,
): Promise<{ readonly list: readonly ConformanceCheck[] } | { readonly error: unknown }> {
  try {
    const probe = await setup();
    const list = conformanceChecks.filter((check) => check.appliesTo?.(probe) ?? true);
    await probe.close();
    return { list };
  } catch (error) {
    return { error };
  }
}
