import { ConnectorError } from '@expunge/core';
import { type Submission, submissionsOf, submitAll } from './carry-out.ts';
import { type ConformanceCheck, ConformanceError, ensure } from './conformance-check.ts';
import type { Asked, ConformanceHarness, DocumentedAnswer } from './conformance-harness.ts';
import { ensureSafeError, resultOf } from './expect-failure.ts';
import { type Person, seedPeople } from './people.ts';
import { showsAny } from './shows-any.ts';
import { cancelOne, checkOne } from './submissions.ts';
import { withEachText } from './with-each-text.ts';

const notGiven = ({ documentedAnswers = [] }: ConformanceHarness) =>
  documentedAnswers.length > 0 ? undefined : 'harness.documentedAnswers is left out or empty';

/** What the vendor's documents say, and the fake vendor does not say by itself. */
export const documentedAnswerChecks: readonly ConformanceCheck[] = [
  {
    name: 'documented answers mean what the documents say',
    notAsked: notGiven,
    async run(harness) {
      const wrong: string[] = [];
      await forEachAnswer(harness, async ({ answer, row, person, asked, submission }) => {
        const said = await meaningOf(harness, answer, asked, submission);
        if (said.error !== undefined) ensureSafeError(harness, person, 'gives a documented answer', said.error);
        for (const key of ['means', 'reason', 'retryAfterMs'] as const) {
          if (answer[key] === undefined || answer[key] === said[key]) continue;
          wrong.push(`${row} has ${key} '${answer[key]}', and ${answer.call}() says '${said[key]}'.`);
        }
      });
      ensure(wrong.length === 0, `${wrong.join(' ')} Map the vendor's words as its documents explain them.`);
    },
  },
  {
    name: 'submit() leaves in doubt what a documented answer means under HTTP 500 and 503',
    notAsked: notGiven,
    async run(harness) {
      await forEachAnswer(harness, async ({ answer, row, asked, submission }) => {
        if (answer.call !== 'submit' || answer.status >= 500) return;
        for (const status of [500, 503]) {
          const { means, error } = await meaningOf(harness, { ...answer, status }, asked, submission);
          ensure(
            ConnectorError.isInstance(error) && error.effect === 'in-doubt',
            `When the body of ${row} comes with HTTP ${status}, submit() says '${means}'. A server that fails may have acted before, ` +
              "and a gateway may repeat an old body: look at the status first, and throw 'vendor-unavailable'.",
          );
        }
      });
    },
  },
  {
    name: "repeats none of the vendor's texts that may name the person",
    notAsked: notGiven,
    async run(harness) {
      await forEachAnswer(harness, async ({ answer, row, person, asked, submission }) => {
        const body = typeof answer.body === 'function' ? answer.body(asked) : answer.body;
        const values = [person.value, ...asked.targets.map(({ value }) => value)];
        for (const named of withEachText(body, (text) => `${text} ${values.join(' ')}`)) {
          const said = await meaningOf(harness, { ...answer, body: () => named }, asked, submission);
          ensure(
            !showsAny(withoutNamesOfParts(said), values),
            `When ${row} holds the person's identifier in one of its texts, ${answer.call}() shows it. Vendors name the person in ` +
              'their messages: tell in words of your own what happened, and keep of theirs only a code that you know.',
          );
        }
      });
    },
  },
];

/** One documented answer, with the people and the submission that it can be an answer about. */
interface AnswerAsked {
  readonly answer: DocumentedAnswer;
  /** How an advice names it. */
  readonly row: string;
  readonly person: Person;
  readonly asked: Asked;
  readonly submission: Submission | undefined;
}

async function forEachAnswer(harness: ConformanceHarness, ask: (each: AnswerAsked) => Promise<void>): Promise<void> {
  const [person, ...others] = await seedPeople(harness, 'ada-4711', 'grace-4712', 'alan-4713');
  if (person === undefined) return;
  const all = [person, ...others].flatMap(({ targets }) => targets.slice(0, 1));
  const targets = all.slice(0, 1);
  const needsReceipt = harness.documentedAnswers?.some(({ call }) => call === 'check' || call === 'cancel') === true;
  const [submission] = needsReceipt ? submissionsOf(targets, await submitAll(harness, targets)) : [];
  for (const [index, answer] of (harness.documentedAnswers ?? []).entries()) {
    const asked = { targets: all.slice(0, answer.people ?? 1), receipt: submission?.receipt };
    const row = `harness.documentedAnswers[${index}] (${answer.call}, HTTP ${answer.status})`;
    await ask({ answer, row, person, asked, submission });
  }
}

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
  /** Everything that it returned, as it is. */
  readonly returned?: unknown;
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
      return { means: oneOf(outcomes.map(({ type }) => type)), reason, retryAfterMs, returned: outcomes };
    }
    case 'verify': {
      const returned = (await connector.verify?.(targets)) ?? [];
      return { means: oneOf(returned.map(({ type }) => type)), returned };
    }
    case 'check': {
      const returned = await checkOne(harness, required(submission));
      return { means: oneOf(returned.map(({ state }) => state)), returned };
    }
    case 'cancel': {
      const returned = await cancelOne(harness, required(submission));
      return { means: oneOf(returned.map(({ type }) => type)), returned };
    }
    case 'recover': {
      const returned = await connector.recover?.(targets, new Date(clock.now() - 60_000).toISOString());
      return { means: returned === undefined ? 'not-found' : 'found', returned };
    }
    case 'checkAccess': {
      const returned = await connector.checkAccess();
      return { means: returned.proven.length > 0 ? 'proven' : 'nothing proven', returned };
    }
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

/** The name of a part is the company's own word for it, such as that of a destination. The contract keeps it. */
function withoutNamesOfParts(said: unknown): unknown {
  if (typeof said !== 'object' || said === null || said instanceof Error) return said;
  if (Array.isArray(said)) return said.map(withoutNamesOfParts);
  const entries = Object.entries(said).map(([key, value]) =>
    key === 'parts' && Array.isArray(value)
      ? [key, value.map((part: object) => ({ ...part, name: '' }))]
      : [key, withoutNamesOfParts(value)],
  );
  return Object.fromEntries(entries);
}
