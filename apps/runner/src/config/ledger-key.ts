import { placeOf, type Reference, type ReferenceSources, type Resolved, resolveReference } from './reference.ts';

/** Reads the key that a reference leads to. */
export async function resolveKey(reference: Reference, sources: ReferenceSources): Promise<Resolved<Uint8Array>> {
  const found = resolveReference(reference, sources);
  if ('issue' in found) return found;
  const { parseKey } = await import('@expunge/engine');
  try {
    return { value: parseKey(found.value, placeOf(reference)) };
  } catch (error) {
    if (error instanceof Error && error.name === 'LedgerError') return { issue: error.message };
    throw error;
  }
}
