import type { Fault } from '@expunge/vendor-sandbox';
import { callCalmly, submissionsOf, submitAll } from './carry-out.ts';
import { type ConformanceCheck, ensure } from './conformance-check.ts';
import type { ConformanceHarness } from './conformance-harness.ts';
import { ensureSafeError, resultOf } from './expect-failure.ts';
import { without } from './not-asked.ts';
import { type Person, seedPerson } from './people.ts';
import { type RecordedAnswer, recordAnswers } from './recorded-answers.ts';
import { cancelOne, checkCalmly, checkOne } from './submissions.ts';
import { submitOne } from './submit-one.ts';

type StatusFault = Extract<Fault, { type: 'status' }>;

interface UnexpectedAnswer {
  /** What the vendor does: "answers HTTP 200 with {}". */
  readonly when: string;
  readonly fault: StatusFault;
}

const page = '<!doctype html><html><head><title>404 Not Found</title></head><body><h1>Not Found</h1></body></html>';

/** What no vendor documents, and what gateways, proxies, wrong paths and new versions of an API answer with. */
const unexpectedAnswers: readonly UnexpectedAnswer[] = [
  { when: 'answers HTTP 200 with {}', fault: json(200, {}) },
  { when: 'answers HTTP 200 with []', fault: json(200, []) },
  { when: 'answers HTTP 200 with null', fault: json(200, null) },
  { when: 'answers HTTP 200 with a text in JSON', fault: json(200, 'ok') },
  { when: 'answers HTTP 200 with other JSON', fault: json(200, { surprise: true }) },
  { when: 'answers HTTP 200 without a body', fault: { type: 'status', status: 200 } },
  { when: 'answers HTTP 202 with {}', fault: json(202, {}) },
  { when: 'answers HTTP 204', fault: { type: 'status', status: 204 } },
  { when: 'answers HTTP 404 without a body', fault: { type: 'status', status: 404 } },
  { when: 'answers HTTP 404 with {}', fault: json(404, {}) },
  { when: 'answers HTTP 404 with a message', fault: json(404, { message: 'Not Found' }) },
  { when: 'answers HTTP 404 with a web page', fault: { ...json(404, page), headers: { 'content-type': 'text/html' } } },
  { when: 'answers HTTP 410 without a body', fault: { type: 'status', status: 410 } },
  { when: 'answers HTTP 409 with {}', fault: json(409, {}) },
];

/** Answers that the vendor does not document, at every kind of call. */
export const unexpectedChecks: readonly ConformanceCheck[] = [
  {
    name: 'submit() makes nothing of answers that the vendor does not document',
    async run(harness) {
      const person = await seedPerson(harness, 'ada-4711');
      await ensureEachFails(harness, person, 'submit', submitAnswers, async () =>
        // It says that nobody was taken: no claim about the person.
        (await submitOne(harness, person)).filter(({ type }) => type !== 'deferred'),
      );
    },
  },
  {
    name: 'check() makes nothing of answers that the vendor does not document',
    notAsked: without('check'),
    async run(harness) {
      const { person, submission } = await submitted(harness);
      if (submission === undefined) return;
      const own = () => recordAnswers(harness, () => checkCalmly(harness, submission));
      await ensureEachFails(harness, person, 'check', own, async () =>
        (await checkOne(harness, submission)).filter(({ state }) => state !== 'unknown'),
      );
    },
  },
  {
    name: 'verify() makes nothing of answers that the vendor does not document',
    notAsked: without('verify'),
    async run(harness) {
      const person = await seedPerson(harness, 'ada-4711');
      const targets = person.targets.slice(0, 1);
      const read = async () => (await harness.connector.verify?.(targets)) ?? [];
      const own = () => recordAnswers(harness, () => callCalmly(harness, 'verify', read));
      await ensureEachFails(harness, person, 'verify', own, async () =>
        (await read()).filter(({ type }) => type !== 'unknown'),
      );
    },
  },
  {
    name: 'cancel() makes nothing of answers that the vendor does not document',
    notAsked: without('cancel'),
    async run(harness) {
      const { person, submission } = await submitted(harness);
      if (submission === undefined) return;
      await ensureEachFails(harness, person, 'cancel', undefined, () => cancelOne(harness, submission));
    },
  },
  {
    name: 'recover() makes nothing of answers that the vendor does not document',
    notAsked: without('recover'),
    async run(harness) {
      const { person } = await submitted(harness);
      const since = new Date(harness.clock.now() - 60_000).toISOString();
      await ensureEachFails(harness, person, 'recover', undefined, async () => [
        (await harness.connector.recover?.(person.targets, since)) ?? 'nothing was found',
      ]);
    },
  },
  {
    name: 'checkAccess() makes nothing of answers that the vendor does not document',
    async run(harness) {
      const person = await seedPerson(harness, 'ada-4711');
      const prove = () => harness.connector.checkAccess();
      const own = () => recordAnswers(harness, () => callCalmly(harness, 'access', prove));
      await ensureEachFails(harness, person, 'checkAccess', own, async () => (await prove()).proven);
    },
  },
];

async function submitted(harness: ConformanceHarness) {
  const person = await seedPerson(harness, 'ada-4711');
  const targets = person.targets.slice(0, 1);
  const [submission] = submissionsOf(targets, await submitAll(harness, targets));
  return { person, submission };
}

/** What the vendor answers to a deletion that goes well. */
async function submitAnswers(harness: ConformanceHarness) {
  const other = await seedPerson(harness, 'grace-4712');
  return recordAnswers(harness, () => callCalmly(harness, 'submit', () => submitOne(harness, other)));
}

type Own = (harness: ConformanceHarness) => Promise<{ readonly answers: readonly RecordedAnswer[] }>;

/**
 * Lets a call meet one answer after the other, on every path, and sees to it that nothing is made of any. The connector is fresh: it
 * has seen nothing of the vendor yet that a 404 could be compared with.
 *
 * @param own - Makes a call that goes well: what the vendor answers then is no surprise.
 */
async function ensureEachFails(
  harness: ConformanceHarness,
  person: Person,
  method: string,
  own: Own | undefined,
  call: () => Promise<readonly unknown[]>,
): Promise<void> {
  const { vendor, clock, connector, submitPath } = harness;
  const pause = Math.max(1000, ...connector.capabilities.limits.rates.map(({ perMs }) => perMs));
  // A look-up before the deletion meets them too; and once more alone, behind a look-up that goes well.
  const places = method === 'submit' && submitPath !== undefined ? [undefined, submitPath] : [undefined];
  let isAlone = false;
  for (const { when, fault } of unexpectedAnswers) {
    for (const path of isAlone ? [undefined] : places) {
      clock.advance(pause);
      const before = vendor.requests.length;
      vendor.faults.add({ fault, times: 100, ...(path === undefined ? {} : { path }) });
      const result = await resultOf(call);
      vendor.faults.clear();
      const hit = vendor.requests.slice(before).find((request) => request.fault !== undefined);
      if (hit === undefined) continue;
      // Without a look-up before it, the deletion has met the answer already.
      if (path === undefined && submitPath !== undefined && hit.path.search(submitPath) >= 0) isAlone = true;
      if ('error' in result) {
        ensureSafeError(harness, person, when, result.error);
        continue;
      }
      if (result.value.length === 0) continue;
      clock.advance(pause);
      const answers = own === undefined ? [] : (await own(harness)).answers;
      const body = fault.body === undefined ? '' : JSON.stringify(fault.body);
      ensure(
        answers.some((answer) => answer.status === fault.status && answer.body.trim() === body),
        `When the vendor ${when}, ${method}() says ${said(result.value[0])}. Throw a ConnectorError unless the answer is one that ` +
          'the vendor documents: a gateway, a proxy or a wrong path answers like this too.',
      );
    }
  }
}

function said(value: unknown): string {
  if (typeof value !== 'object' || value === null) return `'${value ?? 'nothing'}'`;
  const { type, state } = value as { type?: unknown; state?: unknown };
  return `'${type ?? state ?? 'that it found a submission'}'`;
}

function json(status: number, body: unknown): StatusFault {
  return { type: 'status', status, body, headers: { 'content-type': 'application/json' } };
}
