import { isDeepStrictEqual } from 'node:util';
import { checkChainStream, type Ledger, type LedgerSummary } from '@expunge/engine';

const mostDifferences = 20;

/** Asks two ledgers for everything that they can tell, and says where their answers differ: sentences without personal data. */
export async function compareLedgers(one: Ledger, other: Ledger, now: number): Promise<readonly string[]> {
  const differences: string[] = [];
  const compare = (what: string, first: unknown, second: unknown) => {
    const isAlike = isDeepStrictEqual(first, second) || isDeepStrictEqual(asCopied(first), asCopied(second));
    if (!isAlike) differences.push(`They differ in ${what}.`);
  };
  compare('their summaries', await summaryOf(one, now), await summaryOf(other, now));
  compare('their exclusion lists', await one.holds(), await other.holds());
  compare('the heads of their audit logs', await one.auditHead(), await other.auditHead());
  compare('what their audit logs are worth', await verdictOf(one), await verdictOf(other));
  compare('the key that certificates are signed with', one.sign('').publicKey, other.sign('').publicKey);
  const theirs = other.requests({ identifiers: true })[Symbol.asyncIterator]();
  for await (const request of one.requests({ identifiers: true })) {
    const { value } = await theirs.next();
    compare(`the request ${request.request.requestId}`, request, value);
    if (differences.length >= mostDifferences) break;
  }
  if (differences.length < mostDifferences && (await theirs.next()).done !== true) {
    differences.push('The copy has more requests.');
  }
  await theirs.return?.();
  return differences;
}

async function verdictOf(ledger: Ledger): Promise<unknown> {
  return checkChainStream(ledger.auditEntries());
}

// PostgreSQL's texts have no zero byte: a sign stands for it there.
function asCopied(value: unknown): unknown {
  const text: string | undefined = JSON.stringify(value);
  return text === undefined ? undefined : JSON.parse(text.replaceAll('\\u0000', '\u2400'));
}

// Reasons with equal counts stand in any order.
async function summaryOf(ledger: Ledger, now: number): Promise<LedgerSummary> {
  const { requests, connectors } = await ledger.summary(now);
  const inOrder = connectors.map((connector) => ({
    ...connector,
    reasons: connector.reasons.toSorted((a, b) => (`${a.state} ${a.reason}` < `${b.state} ${b.reason}` ? -1 : 1)),
    unread: connector.unread.toSorted((a, b) => (a.reason < b.reason ? -1 : 1)),
  }));
  return { requests, connectors: inOrder };
}
