import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

// These put modules of their own in the place of others, which has to come before anybody loads those.
const withMocks = ['packages/engine/test/power-cut.test.ts', 'packages/http-client/src/load-undici.test.ts'];

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// What a ledger does, whichever storage it has: these tests run on both.
const ledgerContract = [
  'asking-again',
  'cancel',
  'concurrency',
  'concurrent-runs',
  'connector-order',
  'engine',
  'every-call-counts',
  'failing-ledger',
  'job-ends',
  'integrity',
  'ledger',
  'legal-hold',
  'positive-control',
  'proof',
  'random-faults',
  'rate-limits',
  'reads',
  'retention',
  'retry-and-backoff',
  'state-machine',
  'version-1-integrity',
  'version-1-ledger',
];

// Files that take long, mostly for waiting. They begin first: at the end of a run everything else would wait for them.
const longest = [
  'tools/torture-fleet.test.ts',
  'tools/outsider-examples.test.ts',
  'silent-database.postgres.test.ts',
  'fleet-canary.postgres.test.ts',
  'fleet.postgres.test.ts',
  'fleet-database-restart.postgres.test.ts',
  'engine/test/reads.test.ts',
  'engine/test/state-machine.test.ts',
  'runner/test/canary.test.ts',
  'create-connector.test.ts',
  'tools/torture.test.ts',
  'new-connector.test.ts',
  'tools/bench.test.ts',
  'engine/test/random-faults.test.ts',
  'altcraft-connector.sandbox.test.ts',
  'runner/test/network.test.ts',
  'runner/test/canary-connectors.test.ts',
  'tools/published-comments.test.ts',
  'tools/outsider-operator.test.ts',
  'engine/test/job-ends.test.ts',
  'engine/test/integrity.test.ts',
  'engine/test/rate-limits.test.ts',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const place = longest.findIndex((name) => moduleId.endsWith(name));
      return place === -1 ? longest.length : place;
    };
    return (await super.sort(files)).toSorted((left, right) => rank(left) - rank(right));
  }
}

export default defineConfig({
  resolve: {
    // Tests read the sources, so that a test never passes because of a stale build.
    alias: [
      { find: /^@expunge\/([a-z-]+)$/, replacement: source('./packages/$1/src/index.ts') },
      { find: /^@expunge\/([a-z-]+)\/([a-z-]+)$/, replacement: source('./packages/$1/src/$2.ts') },
    ],
  },
  test: {
    // No test ends by a clock: what takes a second alone takes a minute on a busy machine. This is for what hangs.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    teardownTimeout: 120_000,
    expect: { poll: { interval: 20, timeout: 300_000 } },
    // Many tests wait for processes and heartbeats more than they compute: on two cores two at a time leave the machine idle.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    // A process for several files: to load everything anew for each of them cost more than most of the tests. A test that changes
    // what is shared (the environment, a global, a clock) puts it back.
    isolate: false,
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          include: ['packages/*/{src,test}/**/*.test.ts', 'apps/*/{src,test}/**/*.test.ts', 'tools/**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/*.postgres.test.ts', ...withMocks],
        },
      },
      { extends: true, test: { name: 'mocks', include: withMocks, isolate: true } },
      {
        // On the sources as they are. `npm test` leaves them out: tools/outsider-examples.test.ts runs the same tests on packed
        // packages, outside of this repository.
        extends: true,
        test: {
          name: 'examples',
          include: ['examples/*/*.test.ts', 'examples/*/{src,test}/**/*.test.ts'],
        },
      },
      {
        // What has to hold of a ledger in PostgreSQL: everything that holds of one in SQLite, and what is its own. Needs a
        // server, and brings it along.
        extends: true,
        test: {
          name: 'postgres',
          include: [
            ...ledgerContract.map((name) => `packages/engine/test/${name}.test.ts`),
            '{packages,apps}/*/{src,test}/**/*.postgres.test.ts',
            'tools/**/*.postgres.test.ts',
          ],
          globalSetup: source('./tools/postgres-for-tests.ts'),
          env: { EXPUNGE_TEST_LEDGER: 'postgres' },
        },
      },
    ],
  },
});
