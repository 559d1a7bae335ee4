import { ConnectorError } from '@expunge/core';
import { type Submission, submissionsOf, submitAll } from './carry-out.ts';
import { type ConformanceCheck, ConformanceError, ensure } from './conformance-check.ts';
import type { Asked, ConformanceHarness, DocumentedAnswer } from './conformance-harness.ts';
import { ensureSafeError, resultOf } from './expect-failure.ts';
import { seedPeople } from './people.ts';
import { cancelOne, checkOne } from './submissions.ts';

/** What the vendor's documents say, and the fake vendor does not say by itself. */
export const documentedAnswerChecks: readonly ConformanceCheck[] = [
  {
    name: 'documented answers mean what the documents say',
    notAsked: ({ documentedAnswers = [] }) =>
      documentedAnswers.length > 0 ? undefined : 'harness.documentedAnswers is left out or empty',
    async run(harness) {
      const [person, ...others] = await seedPeople(harness, 'ada-4711', 'grace-4712', 'alan-4713');
      if (person === undefined) return;
      const all = [person, ...others].flatMap(({ targets }) => targets.slice(0, 1));
      const targets = all.slice(0, 1);
      const needsReceipt =
        harness.documentedAnswers?.some(({ call }) => call === 'check' || call === 'cancel') === true;
      const [submission] = needsReceipt ? submissionsOf(targets, await submitAll(harness, targets)) : [];
      const wrong: string[] = [];
      for (const [index, answer] of (harness.documentedAnswers ?? []).entries()) {
        const asked = { targets: all.slice(0, answer.people ?? 1), receipt: submission?.receipt };
        const said = await meaningOf(harness, answer, asked, submission);
        if (said.error !== undefined) ensureSafeError(harness, person, 'gives a documented answer', said.error);
        const row = `harness.documentedAnswers[${index}] (${answer.call}, HTTP ${answer.status})`;
        for (const key of ['means', 'reason', 'retryAfterMs'] as const) {
          if (answer[key] === undefined || answer[key] === said[key]) continue;
          wrong.push(`${row} has ${key} '${answer[key]}', and ${answer.call}() says '${said[key]}'.`);
        }
      }
      ensure(wrong.length === 0, `${wrong.join(' ')} Map the vendor's words as its documents explain them.`);
    },
  },
];

async function meaningOf(
  harness: ConformanceHarness,
  answer: DocumentedAnswer,
  asked: Asked,
  submission: Submission | undefined,
): Promise<Said> {
  const { vendor, clock, connector, submitPath } = harness;
  const { status, headers, call } = answer;
  const body = typeof answer.body === 'function' ? answer.body(asked) : answer.body;
  const path = answer.path ?? (call === 'submit' ? submitPath : undefined);
  const fault = {
    type: 'status',
    status,
    body,
    ...(headers === undefined ? {} : { headers: { ...headers } }),
  } as const;
  clock.advance(Math.max(1000, ...connector.capabilities.limits.rates.map(({ perMs }) => perMs)));
  vendor.faults.add({ fault, times: 100, ...(path === undefined ? {} : { path }) });
  const result = await resultOf(() => ask(harness, answer, asked, submission));
  vendor.faults.clear();
  if (!('error' in result)) return result.value;
  const { error } = result;
  if (!ConnectorError.isInstance(error)) return { means: 'an error that is no ConnectorError', error };
  return { means: error.code, retryAfterMs: error.retryAfterMs, error };
}

/** What a connector made of an answer. */
interface Said {
  readonly means: string;
  readonly reason?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly error?: unknown;
}

async function ask(
  harness: ConformanceHarness,
  { call }: DocumentedAnswer,
  { targets }: Asked,
  submission: Submission | undefined,
): Promise<Said> {
  const { connector, clock } = harness;
  switch (call) {
    case 'submit': {
      const outcomes = await connector.submit(targets);
      const [first] = outcomes;
      const reason = first !== undefined && 'reason' in first ? first.reason : undefined;
      const retryAfterMs = first !== undefined && 'retryAfterMs' in first ? first.retryAfterMs : undefined;
      return { means: oneOf(outcomes.map(({ type }) => type)), reason, retryAfterMs };
    }
    case 'verify':
      return { means: oneOf(((await connector.verify?.(targets)) ?? []).map(({ type }) => type)) };
    case 'check':
      return { means: oneOf((await checkOne(harness, required(submission))).map(({ state }) => state)) };
    case 'cancel':
      return { means: oneOf((await cancelOne(harness, required(submission))).map(({ type }) => type)) };
    case 'recover': {
      const found = await connector.recover?.(targets, new Date(clock.now() - 60_000).toISOString());
      return { means: found === undefined ? 'not-found' : 'found' };
    }
    case 'checkAccess':
      return { means: (await connector.checkAccess()).proven.length > 0 ? 'proven' : 'nothing proven' };
  }
}

function oneOf(words: readonly string[]): string {
  return [...new Set(words)].join() || 'nothing';
}

function required(submission: Submission | undefined): Submission {
  if (submission !== undefined) return submission;
  throw new ConformanceError(
    'harness.documentedAnswers has answers to check() or cancel(), and submit() gives no receipt.',
  );
}
