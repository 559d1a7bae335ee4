import type { Identifier } from '@expunge/core';
import { canonicalIdentifier, heldIdentifier, type SubjectDifference } from '../ledger.ts';
import type { RequestToReport } from '../rows.ts';
import { PageDamagedError } from './encrypted-pages.ts';
import { readIdentifiers } from './read-requests.ts';
import type { Store } from './store.ts';

/** The identifiers of a known request; undefined where they are erased, or do not open. */
export async function identifiersOf(
  store: Store,
  known: Pick<RequestToReport, 'id' | 'request_id' | 'page'>,
): Promise<readonly Identifier[] | undefined> {
  try {
    return await readIdentifiers(store, known);
  } catch (error) {
    if (error instanceof PageDamagedError) return undefined;
    throw error;
  }
}

/** How the identifiers of a request differ from those of the one that is known under its id. */
export function differenceOf(
  given: readonly Identifier[],
  known: readonly Identifier[] | undefined,
): SubjectDifference {
  if (known === undefined) return { who: 'unknown', more: 0, fewer: 0 };
  const plain = new Set(known.map(heldIdentifier));
  if (!given.some((each) => plain.has(heldIdentifier(each)))) return { who: 'somebody-else', more: 0, fewer: 0 };
  return { who: 'same-person', more: countOthers(given, known), fewer: countOthers(known, given) };
}

function countOthers(ones: readonly Identifier[], others: readonly Identifier[]): number {
  const known = new Set(others.map(canonicalIdentifier));
  return new Set(ones.map(canonicalIdentifier).filter((text) => !known.has(text))).size;
}
