import { ConnectorError, type DeletionConnector, type SubmitOutcome, type Target } from '@expunge/core';
import { batchesOf, callCalmly, type Submission, submissionsOf, submitAll } from './carry-out.ts';
import { type ConformanceCheck, ConformanceError, ensure } from './conformance-check.ts';
import type { ConformanceHarness } from './conformance-harness.ts';
import { resultOf } from './expect-failure.ts';
import { eitherOf, without } from './not-asked.ts';
import { type Person, personOf, seedPeople, seedPerson } from './people.ts';
import {
  keepsAnswers,
  leavesOf,
  nameAny,
  type RecordedAnswer,
  recordAnswers,
  replay,
  withoutMention,
  withText,
} from './recorded-answers.ts';
import { cancelOne, checkOne } from './submissions.ts';
import { submitOne } from './submit-one.ts';

/** An answer that names whom or what it is about is about that, and about nothing else. */
export const answerChecks: readonly ConformanceCheck[] = [
  { name: 'submit() does not take an answer about somebody else for one about this person', run: swapSubmission },
  {
    name: 'check() does not take an answer about another submission for one about this',
    notAsked: without('check'),
    run: swapCheck,
  },
  {
    name: 'cancel() does not take an answer about another submission for one about this',
    notAsked: without('cancel'),
    run: swapCancellation,
  },
  {
    name: 'verify() does not take an answer about somebody else for one about this person',
    notAsked: without('verify'),
    run: swapRead,
  },
  { name: "submit() does not say 'deleted' of somebody whom the vendor did not know", run: unknownPerson },
  { name: 'submit() makes nothing of an answer that leaves out somebody whom it has to name', run: silentSubmission },
  {
    name: 'check() does not take the end of a job for the end of somebody whom the answer no longer names',
    notAsked: without('check'),
    run: silentCheck,
  },
  {
    name: 'verify() makes nothing of an answer that leaves out somebody whom it has to name',
    notAsked: eitherOf(without('verify'), ({ readsMayBeNameless }) =>
      readsMayBeNameless === true ? 'harness.readsMayBeNameless says that answers need not name anybody' : undefined,
    ),
    run: silentRead,
  },
  {
    name: 'check() does not guess what an unknown word means',
    notAsked: without('check'),
    run: unknownWord,
  },
  { name: 'keeps nothing enormous of what a vendor sends', run: enormousTexts },
];

const compareAdvice =
  "Compare what the answer names with what was asked, and throw 'answer-contradictory' where they differ: the vendor may have " +
  'acted on somebody else.';

async function swapSubmission(harness: ConformanceHarness): Promise<void> {
  const { submitPath, vendor } = harness;
  const [ada, grace] = await seedTwo(harness);
  const { answers } = await recordAnswers(harness, () => callCalmly(harness, 'submit', () => submitOne(harness, ada)));
  if (!keepsAnswers(harness)) return;
  if (nameAny(answers, valuesOf(ada))) {
    await ensureNotTaken(harness, grace, answers);
  }
  // Behind a look-up that goes well, the deletion alone can be answered about somebody else: by the vendor's own id for them.
  const deletion = submitPath === undefined ? [] : answers.filter(({ path }) => path.search(submitPath) >= 0);
  const repeated = deletion.flatMap((answer) => answer.repeated);
  if (repeated.length === 0 || deletion.length === answers.length) return;
  const before = vendor.requests.length;
  await ensureNotTaken(harness, grace, deletion, submitPath, () => {
    const asked = vendor.requests.slice(before).map(({ path, query, body }) => `${path}?${query}\n${body}`);
    return !asked.some((text) => repeated.every((id) => text.includes(id)));
  });
}

async function ensureNotTaken(
  harness: ConformanceHarness,
  person: Person,
  answers: readonly RecordedAnswer[],
  path?: RegExp,
  isAboutOther = () => true,
): Promise<void> {
  settleRates(harness);
  replay(harness, answers, path);
  const result = await resultOf(() => submitOne(harness, person));
  harness.vendor.faults.clear();
  if (!isAboutOther()) return;
  if ('error' in result) {
    ensure(
      ConnectorError.isInstance(result.error) && result.error.effect === 'in-doubt',
      `When submit() is answered about another person, it throws ${codeOf(result.error)}, as if nothing had happened. ${compareAdvice}`,
    );
    return;
  }
  const claimed = result.value.find(({ type }) => type !== 'rejected' && type !== 'deferred');
  ensure(
    claimed === undefined,
    `The vendor's answer to submit() names another person, and submit() reports '${claimed?.type}'. ${compareAdvice}`,
  );
}

async function unknownPerson(harness: ConformanceHarness): Promise<void> {
  const ada = await seedPerson(harness, 'ada-4711');
  const stranger = personOf(harness, 'nobody-1');
  const about = ({ targets }: Person) =>
    recordAnswers(harness, () =>
      callCalmly(harness, 'submit', () => harness.connector.submit(oneCall(harness, targets).slice(0, 1))),
    );
  const unknown = await about(stranger);
  const known = await about(ada);
  // A vendor that answers alike about both leaves the connector no way to know.
  if (!keepsAnswers(harness) || structureOf(known.answers) === structureOf(unknown.answers)) return;
  const [outcome] = unknown.value;
  ensure(
    outcome?.type !== 'deleted',
    "submit() reports 'deleted' of somebody whom the vendor does not know, although the vendor answers otherwise than about " +
      "somebody whom it does. Say 'absent': nothing was there to delete.",
  );
}

async function swapCheck(harness: ConformanceHarness): Promise<void> {
  const { one, other, harness: own } = await twoSubmissions(harness);
  if (one === undefined || other === undefined) return;
  await own.settle();
  settleRates(own);
  const { answers } = await recordAnswers(own, () => checkOne(own, one));
  if (!namesOnlyFirst(own, answers, one, other)) return;
  settleRates(own);
  replay(own, answers);
  const result = await resultOf(() => checkOne(own, other));
  own.vendor.faults.clear();
  if ('error' in result) return;
  const said = result.value.find(({ state }) => state !== 'unknown');
  ensure(
    said === undefined,
    `The vendor's answer to check() names another submission, and check() says '${said?.state}'. ${compareAdvice}`,
  );
}

async function swapCancellation(harness: ConformanceHarness): Promise<void> {
  const { one, other } = await twoSubmissions(harness);
  if (one === undefined || other === undefined) return;
  settleRates(harness);
  const { answers } = await recordAnswers(harness, () => cancelOne(harness, one));
  if (!namesOnlyFirst(harness, answers, one, other)) return;
  settleRates(harness);
  replay(harness, answers);
  const result = await resultOf(() => cancelOne(harness, other));
  harness.vendor.faults.clear();
  ensure(
    'error' in result || result.value.every(({ type }) => type !== 'cancelled'),
    `The vendor's answer to cancel() names another submission, and cancel() says 'cancelled'. ${compareAdvice}`,
  );
}

async function swapRead(harness: ConformanceHarness): Promise<void> {
  const [ada, grace] = await seedTwo(harness);
  const strangers = [personOf(harness, 'nobody-1'), personOf(harness, 'nobody-2')] as const;
  for (const [asked, answered] of [
    [grace, ada],
    [strangers[1], strangers[0]],
    [strangers[0], ada],
  ] as const) {
    const { answers } = await recordAnswers(harness, () =>
      callCalmly(harness, 'verify', () => readOne(harness, answered)),
    );
    if (!keepsAnswers(harness) || !nameAny(answers, valuesOf(answered))) continue;
    settleRates(harness);
    replay(harness, answers);
    const result = await resultOf(() => readOne(harness, asked));
    harness.vendor.faults.clear();
    if ('error' in result) continue;
    const said = result.value.find(({ type }) => type !== 'unknown');
    ensure(
      said === undefined,
      `The vendor's answer to verify() names another person, and verify() says '${said?.type}'. ${compareAdvice}`,
    );
  }
}

async function silentSubmission(harness: ConformanceHarness): Promise<void> {
  const [ada, grace] = await seedTwo(harness);
  const stranger = personOf(harness, 'nobody-1');
  const aboutStranger = await submitSilently(harness, stranger, ada);
  // The vendor names those whom it knows, and says by silence that it does not know somebody: then that is its documented way.
  const isSilenceAbsence = !aboutStranger.isNamed && aboutStranger.said.includes('absent');
  for (const { said, isNamed } of isSilenceAbsence ? [] : [aboutStranger, await submitSilently(harness, grace, ada)]) {
    const claimed = isNamed ? said.find((type) => type === 'deleted' || type === 'absent') : undefined;
    ensure(
      claimed === undefined,
      `The vendor names each person in its answer. When it leaves one out, submit() reports '${claimed}' of that person. ` +
        "Silence is no outcome: throw 'response-unexpected', or report 'deferred' where the documents say that such people were " +
        'not taken.',
    );
  }
}

/**
 * Submits two people, and once more with the answer to that without what it says of the first.
 *
 * @returns What is said of the first then; where the answer did not name them, what is said of them at all.
 */
async function submitSilently(harness: ConformanceHarness, left: Person, other: Person) {
  const targets = oneCall(harness, [...left.targets, ...other.targets]);
  const call = () => harness.connector.submit(targets);
  const outcomesOf = (outcomes: readonly SubmitOutcome[]) =>
    outcomes
      .filter((_outcome, index) => left.targets.some((target) => target === targets[index]))
      .map(({ type }) => type);
  const { value, answers } = await recordAnswers(harness, () => callCalmly(harness, 'submit', call));
  const silent = leaveOut(answers, left);
  if (!keepsAnswers(harness) || silent === undefined) return { isNamed: false, said: outcomesOf(value) };
  settleRates(harness);
  replay(harness, silent);
  const result = await resultOf(call);
  harness.vendor.faults.clear();
  return { isNamed: true, said: 'error' in result ? [] : outcomesOf(result.value) };
}

async function silentCheck(harness: ConformanceHarness): Promise<void> {
  const [ada, grace] = await seedTwo(harness);
  const targets = oneCall(harness, [...ada.targets.slice(0, 1), ...grace.targets.slice(0, 1)]);
  const [submission] = submissionsOf(targets, await submitAll(harness, targets));
  if (submission === undefined || submission.targets.length < 2) return;
  await harness.settle();
  settleRates(harness);
  const { answers } = await recordAnswers(harness, () => checkOne(harness, submission));
  const silent = leaveOut(answers, ada);
  // An answer that names nobody at all leaves the connector nothing to compare.
  if (!keepsAnswers(harness) || silent === undefined || !nameAny(silent, valuesOf(grace))) return;
  settleRates(harness);
  replay(harness, silent);
  const result = await resultOf(() => checkOne(harness, submission));
  harness.vendor.faults.clear();
  if ('error' in result) return;
  const said = result.value.find(
    ({ state }, index) => state === 'deleted' && ada.targets.some((target) => target === submission.targets[index]),
  );
  ensure(
    said === undefined,
    "The vendor's answer to check() names the people of the job. When it leaves one out, check() says 'deleted' of that person, " +
      "who may have been taken out of the job. check() is given the targets: return one outcome for each, 'unknown' for " +
      'whoever is not named.',
  );
}

async function silentRead(harness: ConformanceHarness): Promise<void> {
  const ada = await seedPerson(harness, 'ada-4711');
  const stranger = personOf(harness, 'nobody-1');
  const { answers: aboutNobody } = await recordAnswers(harness, () =>
    callCalmly(harness, 'verify', () => readOne(harness, stranger)),
  );
  if (!keepsAnswers(harness)) return;
  const silent = leaveOut(aboutNobody, stranger);
  if (silent !== undefined) await ensureNothingRead(harness, stranger, silent, 'absent');
  const { answers } = await recordAnswers(harness, () => callCalmly(harness, 'verify', () => readOne(harness, ada)));
  // A list without the person may be the vendor's very way to say that there is nobody.
  const nameless = leaveOut(answers, ada, true);
  if (nameless !== undefined) await ensureNothingRead(harness, ada, nameless, 'present');
}

async function ensureNothingRead(
  harness: ConformanceHarness,
  person: Person,
  answers: readonly RecordedAnswer[],
  never: 'present' | 'absent',
): Promise<void> {
  settleRates(harness);
  replay(harness, answers);
  const result = await resultOf(() => readOne(harness, person));
  harness.vendor.faults.clear();
  ensure(
    'error' in result || result.value.every(({ type }) => type !== never),
    `The vendor names the person in its answer. When it leaves the name out, verify() says '${never}'. ${compareAdvice}`,
  );
}

async function unknownWord(harness: ConformanceHarness): Promise<void> {
  const person = await seedPerson(harness, 'ada-4711');
  const targets = person.targets.slice(0, 1);
  const [submission] = submissionsOf(targets, await submitAll(harness, targets));
  if (submission === undefined) return;
  for (const isSettled of [false, true]) {
    if (isSettled) await harness.settle();
    settleRates(harness);
    const { value, answers } = await recordAnswers(harness, () => checkOne(harness, submission));
    const word = value[0]?.vendorStatus;
    if (word === undefined) continue;
    const changed = answers.map((answer) => withText(answer, word, unknown(word)) ?? answer);
    if (changed.every((answer, index) => answer === answers[index])) continue;
    settleRates(harness);
    replay(harness, changed);
    const result = await resultOf(() => checkOne(harness, submission));
    harness.vendor.faults.clear();
    if ('error' in result) continue;
    const said = result.value.find(({ state }) => state !== 'unknown');
    ensure(
      said === undefined,
      `When the vendor tells a state that it does not document, check() says '${said?.state}'. Throw 'response-unexpected': ` +
        'an unknown word is never a guess, not even for a state that is not final.',
    );
  }
}

/** In the same letters, so that a comparison by its beginning or its end shows. */
function unknown(word: string): string {
  return `${word}_OF_CONFORMANCE`;
}

async function enormousTexts(harness: ConformanceHarness): Promise<void> {
  const person = await seedPerson(harness, 'ada-4711');
  const targets = person.targets.slice(0, 1);
  const { value: outcomes, answers } = await recordAnswers(harness, () =>
    callCalmly(harness, 'submit', () => harness.connector.submit(targets)),
  );
  const receipts = submissionsOf(targets, outcomes).flatMap(({ receipt }) => leavesOf(receipt));
  const long = 'x'.repeat(200_000);
  const changed = answers.map((answer) => receipts.reduce((each, text) => withText(each, text, long) ?? each, answer));
  if (!keepsAnswers(harness) || changed.every((answer, index) => answer === answers[index])) return;
  settleRates(harness);
  replay(harness, changed);
  const result = await resultOf(() => harness.connector.submit(targets));
  harness.vendor.faults.clear();
  ensure(
    'error' in result || JSON.stringify(result.value).length < 70_000,
    'When the vendor sends a job id of 200,000 characters, submit() puts it into the receipt, which is stored for years. Bound ' +
      "what is kept: z.string().max(256), say, and 'response-unexpected' beyond.",
  );
}

async function twoSubmissions(harness: ConformanceHarness) {
  const [ada, grace] = await seedTwo(harness);
  const [one] = submissionsOf(ada.targets, await submitAll(harness, ada.targets));
  harness.clock.advance(1000);
  const [other] = submissionsOf(grace.targets, await submitAll(harness, grace.targets));
  return { one, other, harness };
}

/** Whether answers name the first of two submissions, by what its receipt holds and the second's does not, or by its people. */
function namesOnlyFirst(
  harness: ConformanceHarness,
  answers: readonly RecordedAnswer[],
  one: Submission,
  other: Submission,
): boolean {
  const others = leavesOf(other.receipt);
  const own = leavesOf(one.receipt).filter((leaf) => !others.includes(leaf));
  const people = one.targets.map(({ value }) => value);
  return keepsAnswers(harness) && nameAny(answers, [...own, ...people]);
}

async function seedTwo(harness: ConformanceHarness): Promise<readonly [Person, Person]> {
  const [ada, grace] = await seedPeople(harness, 'ada-4711', 'grace-4712');
  if (ada === undefined || grace === undefined) throw new ConformanceError('No people were made.');
  return [ada, grace];
}

function valuesOf({ value, targets }: Person): string[] {
  return [value, ...targets.map((target) => target.value)];
}

function readOne({ connector }: ConformanceHarness, { targets }: Person): Promise<VerifyOutcomes> {
  return Promise.resolve(connector.verify?.(targets.slice(0, 1)) ?? []);
}

type VerifyOutcomes = Awaited<ReturnType<NonNullable<DeletionConnector['verify']>>>;

function oneCall({ connector }: ConformanceHarness, targets: readonly Target[]): readonly Target[] {
  const { maxTargets, oneTypePerCall } = connector.capabilities.limits.submit;
  return batchesOf(targets, maxTargets, oneTypePerCall === true)[0] ?? [];
}

/** Answers that are silent about a person. undefined where none of them named the person in JSON. */
function leaveOut(
  answers: readonly RecordedAnswer[],
  person: Person,
  keepsEntries = false,
): readonly RecordedAnswer[] | undefined {
  const silent = answers.map((answer) =>
    valuesOf(person).reduce((each, value) => withoutMention(each, value, keepsEntries) ?? each, answer),
  );
  return silent.every((answer, index) => answer === answers[index]) ? undefined : silent;
}

/** Statuses, keys, truths and words of answers, without numbers and texts that hold digits: those name people, jobs and times. */
function structureOf(answers: readonly RecordedAnswer[]): string {
  const bare = (_key: string, value: unknown) =>
    typeof value === 'string' && /\d/.test(value) ? 'text' : typeof value === 'number' ? 0 : value;
  return JSON.stringify(answers.map(({ status, body }) => [status, readable(body, bare)]));
}

function readable(body: string, revive: (key: string, value: unknown) => unknown): unknown {
  try {
    return JSON.parse(body, revive);
  } catch {
    return 'text';
  }
}

/** Lets as much time pass as the limits ask for between two calls. */
function settleRates({ connector, clock }: ConformanceHarness): void {
  clock.advance(
    Math.max(1000, ...connector.capabilities.limits.rates.map(({ calls, perMs }) => Math.ceil(perMs / calls))),
  );
}

function codeOf(error: unknown): string {
  return ConnectorError.isInstance(error) ? `'${error.code}'` : 'something else than a ConnectorError';
}
