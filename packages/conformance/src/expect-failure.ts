import { ConnectorError, type ConnectorErrorCode } from '@expunge/core';
import { ConformanceError, ensure } from './conformance-check.ts';
import type { ConformanceHarness } from './conformance-harness.ts';
import { areThere, type Person } from './people.ts';
import { showsAny } from './shows-any.ts';

/** What came of a call: what it returned, or what it threw. */
export async function resultOf<Value>(
  call: () => Promise<Value>,
): Promise<{ readonly value: Value } | { readonly error: unknown }> {
  try {
    return { value: await call() };
  } catch (error) {
    // Advice of a check inside the call is no failure of the connector's call.
    if (error instanceof ConformanceError) throw error;
    return { error };
  }
}

/**
 * Lets a call fail and returns its error, after checking what holds for every error.
 *
 * @param when - What the vendor did, for the advice: "answers HTTP 500".
 */
export async function expectFailure(
  harness: ConformanceHarness,
  person: Person,
  when: string,
  call: () => Promise<unknown>,
): Promise<ConnectorError> {
  const result = await resultOf(call);
  ensure(
    'error' in result,
    `When the vendor ${when}, the call returns as if it had worked. Throw a ConnectorError unless the answer is the ` +
      'success that the vendor documents: a good HTTP status alone proves nothing.',
  );
  return ensureSafeError(harness, person, when, result.error);
}

/** Checks what holds for every error: it is a `ConnectorError`, and shows neither the person nor a credential. */
export function ensureSafeError(
  harness: ConformanceHarness,
  person: Person,
  when: string,
  error: unknown,
): ConnectorError {
  ensure(
    ConnectorError.isInstance(error),
    `When the vendor ${when}, something else than a ConnectorError is thrown. Let every call go through one function ` +
      'that turns failures into a ConnectorError; sendRequest() of @expunge/http-client does.',
  );
  ensure(
    !showsAny(error, [person.value, ...person.targets.map(({ value }) => value)]),
    `When the vendor ${when}, the error shows the person's identifier. Say what failed and never who: no body, no ` +
      'URL, no vendor text in the message, no cause.',
  );
  ensure(
    !showsAny(error, harness.secrets),
    `When the vendor ${when}, the error shows a credential. Keep headers and options out of errors, and add no cause.`,
  );
  return error;
}

/** What the error of a failed submission has to say. */
export interface ExpectedFailure {
  readonly codes: readonly ConnectorErrorCode[];
  readonly effect: ConnectorError['effect'];
}

/** Checks the error of a failed submission: its code, its effect, and that the effect is true. */
export async function ensureMeaning(
  harness: ConformanceHarness,
  person: Person,
  when: string,
  error: ConnectorError,
  expected: ExpectedFailure,
): Promise<void> {
  ensure(
    error.effect === expected.effect,
    expected.effect === 'in-doubt'
      ? `When the vendor ${when}, the error's code '${error.code}' claims that nothing happened. The request may have ` +
          `arrived and been acted on: use a code that is in doubt, such as '${expected.codes[0]}'.`
      : `When the vendor ${when}, the error's code '${error.code}' leaves in doubt whether it acted. It did not: use ` +
          `'${expected.codes[0]}', so that the caller need not ask or wait.`,
  );
  ensure(
    expected.codes.includes(error.code),
    `When the vendor ${when}, the error's code is '${error.code}'. The caller decides by it: use ` +
      `${expected.codes.map((code) => `'${code}'`).join(' or ')}.`,
  );
  await harness.settle();
  ensure(
    error.effect !== 'nothing' || (await areThere(harness, [person])),
    `When the vendor ${when}, the error's code '${error.code}' says that nothing happened, and the person is gone.`,
  );
}
