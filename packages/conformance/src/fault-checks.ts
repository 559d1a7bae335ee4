import type { Fault } from '@expunge/vendor-sandbox';
import { type ConformanceCheck, ensure } from './conformance-check.ts';
import { type ExpectedFailure, ensureMeaning, ensureSafeError, expectFailure, resultOf } from './expect-failure.ts';
import { seedPerson } from './people.ts';
import { showsAny } from './shows-any.ts';
import { addSubmitFault, submitOne } from './submit-one.ts';

interface FaultCase extends ExpectedFailure {
  /** What the vendor does: "answers HTTP 500". */
  readonly when: string;
  readonly fault: Fault;
}

const nothing = { effect: 'nothing' } as const;
const inDoubt = { effect: 'in-doubt' } as const;
const wrongBody = { surprise: true };

const faultCases: readonly FaultCase[] = [
  { when: 'answers HTTP 401', fault: status(401), codes: ['credentials-rejected', 'permission-missing'], ...nothing },
  { when: 'answers HTTP 403', fault: status(403), codes: ['permission-missing', 'credentials-rejected'], ...nothing },
  { when: 'answers HTTP 413', fault: status(413), codes: ['request-too-large'], ...nothing },
  { when: 'answers HTTP 500', fault: status(500), codes: ['vendor-unavailable'], ...inDoubt },
  { when: 'answers HTTP 503', fault: status(503), codes: ['vendor-unavailable'], ...inDoubt },
  {
    when: 'acts and answers HTTP 502',
    fault: { type: 'status', status: 502, body: '', acted: true },
    codes: ['vendor-unavailable'],
    ...inDoubt,
  },
  { when: 'answers HTTP 302', fault: redirect(), codes: ['response-unexpected'], ...inDoubt },
  { when: 'answers a web page', fault: { type: 'html' }, codes: ['response-unexpected'], ...inDoubt },
  {
    when: 'answers half of its JSON',
    fault: { type: 'truncated' },
    codes: ['connection-lost', 'response-unexpected'],
    ...inDoubt,
  },
  {
    when: 'answers 32 MiB',
    fault: { type: 'enormous', bytes: 32 * 1024 * 1024 },
    codes: ['response-unexpected'],
    ...inDoubt,
  },
  { when: 'resets the connection', fault: { type: 'reset-before' }, codes: ['connection-lost'], ...inDoubt },
  { when: 'acts and resets the connection', fault: { type: 'reset-after' }, codes: ['connection-lost'], ...inDoubt },
];

/** What goes wrong is told as what it is, and with the right doubt. */
export const faultChecks: readonly ConformanceCheck[] = [
  ...faultCases.map(
    ({ when, fault, ...expected }): ConformanceCheck => ({
      name: `submit() when the vendor ${when}`,
      async run(harness) {
        const person = await seedPerson(harness, 'ada-4711');
        addSubmitFault(harness, fault);
        const error = await expectFailure(harness, person, when, () => submitOne(harness, person));
        await ensureMeaning(harness, person, when, error, expected);
      },
    }),
  ),
  {
    name: 'submit() when the vendor answers HTTP 404',
    async run(harness) {
      const person = await seedPerson(harness, 'ada-4711');
      addSubmitFault(harness, status(404));
      const when = 'answers HTTP 404';
      const result = await resultOf(() => submitOne(harness, person));
      ensure(
        'error' in result,
        `When the vendor ${when} with a body that it does not document, submit() reports '${'value' in result && result.value[0]?.type}'. ` +
          "A wrong host, path or project answers 404 too, and the person is still there: take only the vendor's own words " +
          "for an absence, and throw 'setup-wrong' for any other 404.",
      );
      const error = ensureSafeError(harness, person, when, result.error);
      // An answer in a form that the vendor does not document may be taken for in doubt; for nothing else.
      const codes = ['setup-wrong', 'request-rejected', 'response-unexpected'];
      ensure(
        codes.includes(error.code),
        `When the vendor ${when}, the error's code is '${error.code}'. Use 'setup-wrong': the caller then pauses the ` +
          'connector and asks a person, instead of trying everybody.',
      );
    },
  },
  {
    name: 'submit() when the vendor answers HTTP 200 with another body',
    async run(harness) {
      const person = await seedPerson(harness, 'ada-4711');
      addSubmitFault(harness, { type: 'status', status: 200, body: harness.wrongBody ?? wrongBody });
      const when = 'answers HTTP 200 with another body';
      const error = await expectFailure(harness, person, when, () => submitOne(harness, person));
      await ensureMeaning(harness, person, when, error, { codes: ['response-unexpected'], ...inDoubt });
    },
  },
  {
    name: 'submit() when the vendor answers HTTP 429 with Retry-After',
    async run(harness) {
      const person = await seedPerson(harness, 'ada-4711');
      addSubmitFault(harness, { type: 'status', status: 429, headers: { 'retry-after': '7' }, body: wrongBody });
      const when = 'answers HTTP 429 with Retry-After: 7';
      const error = await expectFailure(harness, person, when, () => submitOne(harness, person));
      await ensureMeaning(harness, person, when, error, { codes: ['rate-limited', 'quota-spent'], ...nothing });
      ensure(
        error.retryAfterMs === 7000,
        `When the vendor ${when}, the error's retryAfterMs is ${error.retryAfterMs} instead of 7000: it is in milliseconds.`,
      );
    },
  },
  {
    name: 'submit() when the vendor repeats the identifier in its refusal',
    async run(harness) {
      const person = await seedPerson(harness, 'ada-4711');
      const values = person.targets.map(({ value }) => value);
      const body = {
        error: `Nobody is called ${values.join()}`,
        message: values.join(),
        status: 'fail',
        code: values[0],
      };
      addSubmitFault(harness, { type: 'status', status: 400, body });
      const when = 'answers HTTP 400 and repeats the identifier';
      const result = await resultOf(() => submitOne(harness, person));
      if ('error' in result) {
        ensureSafeError(harness, person, when, result.error);
        return;
      }
      ensure(
        result.value.every(({ type }) => type === 'rejected') && !showsAny(result.value, values),
        `When the vendor ${when}, submit() has to throw, or to return 'rejected' in words of its own.`,
      );
    },
  },
  {
    name: 'submit() when the vendor refuses with a success status',
    notAsked: ({ refusals = [] }) => (refusals.length > 0 ? undefined : 'harness.refusals is left out or empty'),
    async run(harness) {
      const person = await seedPerson(harness, 'ada-4711');
      for (const [index, refusal] of (harness.refusals ?? []).entries()) {
        addSubmitFault(harness, refusal);
        const outcomes = await submitOne(harness, person).catch(() => []);
        const claimed = outcomes.find(({ type }) => type !== 'rejected' && type !== 'deferred');
        ensure(
          claimed === undefined,
          `submit() takes a refusal for '${claimed?.type}': harness.refusals[${index}], HTTP ${refusal.status}. Decide by ` +
            'the body that the vendor documents for success, never by the HTTP status alone.',
        );
      }
    },
  },
];

function status(code: number): Fault {
  return { type: 'status', status: code, body: wrongBody };
}

function redirect(): Fault {
  return { type: 'status', status: 302, headers: { location: '/elsewhere' }, body: '' };
}
