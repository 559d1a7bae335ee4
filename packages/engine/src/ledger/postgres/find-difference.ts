import { isDeepStrictEqual } from 'node:util';
import { checkChainStream } from '../audit-chain.ts';
import type { Ledger } from '../ledger.ts';

/**
 * Asks two ledgers the same, and says where they answer differently, without naming anybody; undefined: nowhere. Reads all
 * of both: requests with their identifiers and tasks, the summary, the exclusion list, the audit log.
 */
export async function findDifference(one: Ledger, other: Ledger): Promise<string | undefined> {
  const now = Date.now();
  if (!isDeepStrictEqual(await one.summary(now), await other.summary(now))) return 'the summary';
  if (!isDeepStrictEqual(await one.holds(), await other.holds())) return 'the exclusion list';
  if (!isDeepStrictEqual(await one.auditHead(), await other.auditHead())) return 'the head of the audit log';
  const verdict = await checkChainStream(other.auditEntries());
  if (!verdict.isIntact) return 'the audit log, whose chain is broken';
  const theirs = other.requests({ identifiers: true })[Symbol.asyncIterator]();
  let position = 0;
  for await (const request of one.requests({ identifiers: true })) {
    position += 1;
    const same = await theirs.next();
    if (same.done === true || !isDeepStrictEqual(request, same.value)) return `request ${position} in order of arrival`;
  }
  return (await theirs.next()).done === true ? undefined : 'a request that only one of them has';
}
