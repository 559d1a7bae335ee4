import { isDeepStrictEqual } from 'node:util';
import { accessReportSchema, ConnectorError } from '@expunge/core';
import type { Fault } from '@expunge/vendor-sandbox';
import { callCalmly } from './carry-out.ts';
import { type ConformanceCheck, ensure } from './conformance-check.ts';
import { ensureSafeError, expectFailure, resultOf } from './expect-failure.ts';
import { withoutField } from './not-asked.ts';
import { areThere, personOf, seedPerson } from './people.ts';
import { showsAny } from './shows-any.ts';

const dayMs = 86_400_000;

const troubles: readonly { readonly when: string; readonly fault: Fault }[] = [
  { when: 'answers HTTP 401', fault: { type: 'status', status: 401, body: {} } },
  { when: 'answers HTTP 403', fault: { type: 'status', status: 403, body: {} } },
  { when: 'answers HTTP 503', fault: { type: 'status', status: 503, body: {} } },
  { when: 'answers a web page', fault: { type: 'html' } },
];

/** Credentials are checked without touching anybody. */
export const accessChecks: readonly ConformanceCheck[] = [
  {
    name: 'checkAccess() says what it has proven, and touches nobody',
    async run(harness) {
      const person = await seedPerson(harness, 'ada-4711');
      const report = await harness.connector.checkAccess();
      ensure(
        accessReportSchema.safeParse(report).success && report.proven.length + report.unproven.length > 0,
        'checkAccess() returns no report with sentences in `proven` or `unproven`. Say what the credentials were seen to ' +
          'do, and what shows only at the first deletion.',
      );
      ensure(
        !showsAny(report, harness.secrets),
        'checkAccess() shows a credential in its report, which is printed. Name what the credential can do instead.',
      );
      await harness.settle();
      ensure(
        (await areThere(harness, [person])) && !harness.vendor.requests.some(({ acted }) => acted),
        'checkAccess() changes something at the vendor. Use a call that only reads; if there is none, say so in `unproven`.',
      );
    },
  },
  {
    name: 'checkAccess() fails with wrong credentials',
    notAsked: withoutField('connectorWithWrongCredentials'),
    async run(harness) {
      const nobody = personOf(harness, 'nobody-1');
      const when = 'is asked with wrong credentials';
      const call = async () => harness.connectorWithWrongCredentials?.checkAccess();
      const error = await expectFailure(harness, nobody, when, call);
      ensure(
        ['credentials-rejected', 'permission-missing', 'setup-wrong'].includes(error.code),
        `When the vendor ${when}, the error's code is '${error.code}'. Use 'credentials-rejected': the caller then pauses ` +
          'the connector instead of trying everybody.',
      );
    },
  },
  {
    name: 'checkAccess() tells when a call after its first one fails',
    async run(harness) {
      const { connector, vendor } = harness;
      const nobody = personOf(harness, 'nobody-1');
      const healthy = await callCalmly(harness, 'access', () => connector.checkAccess());
      const calls = vendor.requests.length;
      for (let good = 1; good < calls; good += 1) {
        for (const { when, fault } of troubles) {
          // Long enough for every limit, and for what a connector remembers of its last look.
          harness.clock.advance(dayMs);
          const before = vendor.requests.length;
          vendor.faults.add({ fault, times: 100, skip: good });
          const result = await resultOf(() => connector.checkAccess());
          vendor.faults.clear();
          if (vendor.requests.length <= before + good) continue;
          if ('error' in result) ensureSafeError(harness, nobody, when, result.error);
          ensure(
            'error' in result || !isDeepStrictEqual(result.value, healthy),
            `checkAccess() makes ${calls} calls, and says the same when the vendor ${when} to all but the first ${good}. Throw, or ` +
              'move what is not proven then into `unproven`.',
          );
        }
      }
    },
  },
  {
    name: 'checkAccess() does not take trouble at the vendor for access',
    async run(harness) {
      const nobody = personOf(harness, 'nobody-1');
      harness.vendor.faults.add({ fault: { type: 'html' }, times: 100 });
      const result = await resultOf(() => harness.connector.checkAccess());
      if ('error' in result) {
        ensureSafeError(harness, nobody, 'answers a web page', result.error);
        return;
      }
      ensure(
        harness.vendor.requests.length === 0 || result.value.proven.length === 0,
        'checkAccess() takes a web page for a proof. Read the answer by the shape that the vendor documents.',
      );
    },
  },
  {
    name: 'checkAccess() with a signal that has been given up already',
    async run({ connector, vendor }) {
      const result = await resultOf(() => connector.checkAccess({ signal: AbortSignal.abort() }));
      ensure(
        vendor.requests.length === 0 && (!('error' in result) || ConnectorError.isInstance(result.error)),
        'checkAccess() calls the vendor although its signal is aborted, or throws something else than a ConnectorError.',
      );
    },
  },
];
