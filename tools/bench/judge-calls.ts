import { personAt } from './people.ts';
import { type DeletionName, idKeyOf, idsIn } from './vendor-calls.ts';

/** How the calls that a vendor got compare with whom it should have been asked to delete. */
export interface Judgement {
  /** Calls that asked for a deletion. */
  readonly calls: number;
  /** Pairs of person and deletion that nobody asked for. */
  readonly missing: number;
  /** Pairs that were asked for more than once. */
  readonly repeated: number;
  /** Ids that are nobody's of the list. */
  readonly strangers: number;
}

/** Whether each of the first `people` was deleted once by each deletion that was called, and nobody else. */
export function judgeCalls(
  calls: readonly { readonly deletion: DeletionName; readonly body: string }[],
  people: number,
): Judgement {
  const timesOf = new Map<DeletionName, Map<string, number>>();
  for (const { deletion, body } of calls) {
    const times = timesOf.get(deletion) ?? new Map<string, number>();
    timesOf.set(deletion, times);
    for (const id of idsIn(deletion, body)) times.set(id, (times.get(id) ?? 0) + 1);
  }
  let missing = calls.length === 0 ? people : 0;
  let repeated = 0;
  let strangers = 0;
  for (const [deletion, times] of timesOf) {
    const key = idKeyOf(deletion);
    for (let position = 0; position < people; position += 1) {
      const id = personAt(position)[key];
      const count = times.get(id) ?? 0;
      if (count === 0) missing += 1;
      if (count > 1) repeated += 1;
      times.delete(id);
    }
    strangers += times.size;
  }
  return { calls: calls.length, missing, repeated, strangers };
}
