import { ConnectorError } from '@expunge/core';
import { type Submission, submissionsOf, submitAll } from './carry-out.ts';
import { type ConformanceCheck, ConformanceError, ensure } from './conformance-check.ts';
import type { Asked, ConformanceHarness, DocumentedAnswer } from './conformance-harness.ts';
import { ensureSafeError, resultOf } from './expect-failure.ts';
import { seedPerson } from './people.ts';
import { cancelOne, checkOne } from './submissions.ts';

/** What the vendor's documents say, and the fake vendor does not say by itself. */
export const documentedAnswerChecks: readonly ConformanceCheck[] = [
  {
    name: 'documented answers mean what the documents say',
    notAsked: ({ documentedAnswers = [] }) =>
      documentedAnswers.length > 0 ? undefined : 'harness.documentedAnswers is left out or empty',
    async run(harness) {
      const person = await seedPerson(harness, 'ada-4711');
      const targets = person.targets.slice(0, 1);
      const needsReceipt =
        harness.documentedAnswers?.some(({ call }) => call === 'check' || call === 'cancel') === true;
      const [submission] = needsReceipt ? submissionsOf(targets, await submitAll(harness, targets)) : [];
      const wrong: string[] = [];
      for (const [index, answer] of (harness.documentedAnswers ?? []).entries()) {
        const said = await meaningOf(harness, answer, { targets, receipt: submission?.receipt }, submission);
        if (said.error !== undefined) ensureSafeError(harness, person, 'gives a documented answer', said.error);
        if (said.meaning === answer.means) continue;
        wrong.push(
          `harness.documentedAnswers[${index}] (${answer.call}, HTTP ${answer.status}) means '${answer.means}', and ` +
            `${answer.call}() says '${said.meaning}'.`,
        );
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
): Promise<{ readonly meaning: string; readonly error?: unknown }> {
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
  if (!('error' in result)) return { meaning: result.value };
  const { error } = result;
  return { meaning: ConnectorError.isInstance(error) ? error.code : 'an error that is no ConnectorError', error };
}

async function ask(
  harness: ConformanceHarness,
  { call }: DocumentedAnswer,
  { targets }: Asked,
  submission: Submission | undefined,
): Promise<string> {
  const { connector, clock } = harness;
  switch (call) {
    case 'submit':
      return oneOf((await connector.submit(targets)).map(({ type }) => type));
    case 'verify':
      return oneOf(((await connector.verify?.(targets)) ?? []).map(({ type }) => type));
    case 'check':
      return oneOf((await checkOne(harness, required(submission))).map(({ state }) => state));
    case 'cancel':
      return oneOf((await cancelOne(harness, required(submission))).map(({ type }) => type));
    case 'recover': {
      const found = await connector.recover?.(targets, new Date(clock.now() - 60_000).toISOString());
      return found === undefined ? 'not-found' : 'found';
    }
    case 'checkAccess':
      return (await connector.checkAccess()).proven.length > 0 ? 'proven' : 'nothing proven';
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
