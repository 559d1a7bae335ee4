import {
  type CallOptions,
  type CancelOutcome,
  type CheckOutcome,
  ConnectorError,
  cancelOutcomeSchema,
  checkOutcomeSchema,
  type DeletionConnector,
  type Receipt,
  receiptSchema,
  type SubmitOutcome,
  submitOutcomeSchema,
  type Target,
  type VerifyOutcome,
  verifyOutcomeSchema,
} from '@expunge/core';
import type { z } from 'zod';
import type { OpenSubmission } from '../ledger/ledger.ts';
import { redactCheck, redactChecks, redactError, redactOutcomes } from './redact-personal-data.ts';

/** What a call came to: its value, or why there is none. */
export type CallCompletion<Value> =
  | { readonly value: Value; readonly error?: undefined }
  | { readonly error: ConnectorError; readonly value?: undefined };

/** `submit`, held to its contract: one outcome per target. */
export function callSubmit(
  connector: DeletionConnector,
  targets: readonly Target[],
  options: CallOptions,
): Promise<CallCompletion<readonly SubmitOutcome[]>> {
  return guard(connector, targets, async () => {
    const outcomes = onePerTarget(connector, targets, submitOutcomeSchema, await connector.submit(targets, options));
    return redactOutcomes(outcomes, targets);
  });
}

/** `verify`, held to its contract: one outcome per target. */
export function callVerify(
  connector: DeletionConnector,
  targets: readonly Target[],
  options: CallOptions,
): Promise<CallCompletion<readonly VerifyOutcome[]>> {
  return guard(connector, targets, async () => {
    if (connector.verify === undefined) throw brokenContract(connector, 'it has no verify()');
    return onePerTarget(connector, targets, verifyOutcomeSchema, await connector.verify(targets, options));
  });
}

/** What `check` said: one outcome for each target, or one about the whole submission, whoever is in it. */
export type CheckAnswer =
  | { readonly isOfAll: true; readonly outcome: CheckOutcome }
  | { readonly isOfAll: false; readonly outcomes: readonly CheckOutcome[] };

/** `check`, held to its contract. */
export async function callCheck(
  connector: DeletionConnector,
  submission: OpenSubmission,
  people: readonly Target[],
  options: CallOptions,
): Promise<CallCompletion<CheckAnswer>> {
  const end = await guard(connector, people, async (): Promise<CheckAnswer> => {
    if (connector.check === undefined) throw brokenContract(connector, 'it has no check()');
    const said: unknown = await connector.check(submission.receipt, people, options);
    if (Array.isArray(said)) {
      return { isOfAll: false, outcomes: onePerTarget(connector, people, checkOutcomeSchema, said) };
    }
    return { isOfAll: true, outcome: outcomeOf(connector, 'check', checkOutcomeSchema, said) };
  });
  if (end.error !== undefined) return end;
  const answer = end.value;
  if (!answer.isOfAll) return { value: { isOfAll: false, outcomes: redactChecks(answer.outcomes, people) } };
  const { outcome } = answer;
  // What it says again was looked at before: most checks find the vendor where the last one did.
  if (outcome.state === 'pending' && outcome.vendorStatus === submission.vendorStatus) return end;
  return { value: { isOfAll: true, outcome: redactCheck(outcome, people) } };
}

/** `cancel`, held to its contract: one outcome per target. */
export async function callCancel(
  connector: DeletionConnector,
  submission: OpenSubmission,
  people: readonly Target[],
  options: CallOptions,
): Promise<CallCompletion<readonly CancelOutcome[]>> {
  return guard(connector, people, async () => {
    if (connector.cancel === undefined) throw brokenContract(connector, 'it has no cancel()');
    const said: unknown = await connector.cancel(submission.receipt, people, options);
    if (Array.isArray(said)) return onePerTarget(connector, people, cancelOutcomeSchema, said);
    const outcome = outcomeOf(connector, 'cancel', cancelOutcomeSchema, said);
    return people.map(() => outcome);
  });
}

/** `recover`, held to its contract. */
export function callRecover(
  connector: DeletionConnector,
  targets: readonly Target[],
  since: string,
  options: CallOptions,
): Promise<CallCompletion<Receipt | undefined>> {
  return guard(connector, targets, async () => {
    const receipt = receiptSchema.optional().safeParse(await connector.recover?.(targets, since, options));
    if (!receipt.success) throw brokenContract(connector, 'recover() gave something that is no receipt');
    return receipt.data;
  });
}

async function guard<Value>(
  connector: DeletionConnector,
  people: readonly Target[],
  call: () => Promise<Value>,
): Promise<CallCompletion<Value>> {
  try {
    return { value: await call() };
  } catch (error) {
    if (ConnectorError.isInstance(error)) {
      return { error: redactError(error, people) };
    }
    // What was thrown may hold anything, also a person's data: it is not looked at.
    return { error: brokenContract(connector, 'it threw something that is no ConnectorError') };
  }
}

function outcomeOf<Schema extends z.ZodType>(
  connector: DeletionConnector,
  method: string,
  schema: Schema,
  said: unknown,
): z.output<Schema> {
  const outcome = schema.safeParse(said);
  if (!outcome.success) throw brokenContract(connector, `${method}() gave something that is no outcome`);
  return outcome.data;
}

function onePerTarget<Schema extends z.ZodType>(
  connector: DeletionConnector,
  targets: readonly Target[],
  schema: Schema,
  outcomes: unknown,
): readonly z.output<Schema>[] {
  if (!Array.isArray(outcomes)) throw brokenContract(connector, 'it gave something that is no list of outcomes');
  if (outcomes.length !== targets.length) {
    throw brokenContract(connector, `it gave ${outcomes.length} outcomes for ${targets.length} targets`);
  }
  // Most vendors say one thing about all: a connector may give the same outcome for each, and it is looked at once.
  const checked = new Map<unknown, z.output<Schema>>();
  for (const outcome of new Set(outcomes)) {
    const parsed = schema.safeParse(outcome);
    if (!parsed.success) throw brokenContract(connector, 'it gave something that is no list of outcomes');
    checked.set(outcome, parsed.data);
  }
  return outcomes.map((outcome) => checked.get(outcome) as z.output<Schema>);
}

// Whether the vendor acted can't be told from a connector that is wrong: in doubt.
function brokenContract(connector: DeletionConnector, how: string): ConnectorError {
  return new ConnectorError({
    code: 'response-unexpected',
    vendor: connector.vendor,
    message: `The connector ${connector.vendor}/${connector.operation} broke its contract: ${how}. Report it to its author.`,
  });
}
