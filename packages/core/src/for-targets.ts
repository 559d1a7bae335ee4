import type { Target } from './target.ts';

/** What is said about a submission: one outcome for all of its targets, or one per target in the order of the targets. */
export type ForTargets<Outcome extends object> = Outcome | readonly Outcome[];

/**
 * One outcome per target, in their order.
 *
 * @returns undefined where there is a list of another length: nobody knows then which outcome is whose.
 */
export function outcomesFor<Outcome extends object>(
  said: ForTargets<Outcome>,
  targets: readonly Target[],
): readonly Outcome[] | undefined {
  if (!isList(said)) return targets.map(() => said);
  return said.length === targets.length ? said : undefined;
}

function isList<Outcome extends object>(said: ForTargets<Outcome>): said is readonly Outcome[] {
  return Array.isArray(said);
}
