import { describe, it } from 'vitest';
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
    const probe = await setup();
    const checks = conformanceChecks.filter((check) => check.appliesTo?.(probe) ?? true);
    await probe.close();

    for (const check of checks) {
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
