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
import { redactCheck, redactError, redactOutcomes } from './redact-personal-data.ts';

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

/** Whom a submission is about. */
export type PeopleOf = (submissionId: number) => Promise<readonly Target[]>;

/** `check`, held to its contract. */
export async function callCheck(
  connector: DeletionConnector,
  submission: OpenSubmission,
  peopleOf: PeopleOf,
  options: CallOptions,
): Promise<CallCompletion<CheckOutcome>> {
  const people = await peopleOf(submission.id);
  const end = await guard(connector, people, async () => {
    if (connector.check === undefined) throw brokenContract(connector, 'it has no check()');
    const said = await connector.check(submission.receipt, people, options);
    return wholeCheck(eachOf(connector, 'check', checkOutcomeSchema, said, people));
  });
  // What it says again was looked at before: most checks find the vendor where the last one did.
  const saysNothingNew = end.value?.state === 'pending' && end.value.vendorStatus === submission.vendorStatus;
  if (end.error !== undefined || saysNothingNew) return end;
  return { value: redactCheck(end.value, people) };
}

// A submission ends as a whole here: where its targets end in different ways, none of them counts as deleted.
function wholeCheck(outcomes: readonly CheckOutcome[]): CheckOutcome {
  const [first, ...others] = outcomes;
  const open = outcomes.find(({ state }) => state === 'pending' || state === 'unknown');
  if (open !== undefined || first === undefined) return open ?? { state: 'lost', vendorStatus: 'no-targets' };
  if (others.every(({ state }) => state === first.state)) return first;
  const undone = outcomes.find(({ state }) => state !== 'deleted') ?? first;
  return { state: 'partial', vendorStatus: undone.vendorStatus, parts: [] };
}

/** `cancel`, held to its contract. */
export async function callCancel(
  connector: DeletionConnector,
  submission: OpenSubmission,
  peopleOf: PeopleOf,
  options: CallOptions,
): Promise<CallCompletion<CancelOutcome>> {
  const people = await peopleOf(submission.id);
  return guard(connector, people, async () => {
    if (connector.cancel === undefined) throw brokenContract(connector, 'it has no cancel()');
    const said = await connector.cancel(submission.receipt, people, options);
    const outcomes = eachOf(connector, 'cancel', cancelOutcomeSchema, said, people);
    return outcomes.find(({ type }) => type !== 'cancelled') ?? { type: 'cancelled' };
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

/** One outcome per target, of what may be one for all. */
function eachOf<Schema extends z.ZodType<object>>(
  connector: DeletionConnector,
  method: string,
  schema: Schema,
  said: unknown,
  targets: readonly Target[],
): readonly z.output<Schema>[] {
  if (Array.isArray(said)) return onePerTarget(connector, targets, schema, said);
  const outcome = schema.safeParse(said);
  if (!outcome.success) throw brokenContract(connector, `${method}() gave something that is no outcome`);
  return targets.length === 0 ? [outcome.data] : targets.map(() => outcome.data);
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
