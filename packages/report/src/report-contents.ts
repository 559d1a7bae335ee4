import type {
  ConfiguredConnector,
  ConnectorSummary,
  CutOffImport,
  Ledger,
  LedgerSummary,
  RequestWithTasks,
  TaskRow,
} from '@expunge/engine';

/** What a report knows about one connector. */
export interface ReportConnector {
  /** Where its deletions stand. */
  readonly summary: ConnectorSummary;
  /** What it is and can do; undefined where it is no longer configured or can't be loaded. */
  readonly configured: ConfiguredConnector | undefined;
}

/** Everything that a report shows. */
export interface ReportContents {
  /** When it was made, ISO 8601. */
  readonly generatedAt: string;
  /** Where everything stands. */
  readonly summary: LedgerSummary;
  /** The connectors that the ledger knows. */
  readonly connectors: readonly ReportConnector[];
  /** Whether it names the people. */
  readonly hasIdentifiers: boolean;
  /** What it is about. Left out: everything in the ledger. */
  readonly scope?: ReportScope | undefined;
  /** The connectors with everything in the ledger, where the report is about a part: others stand in the same queue. */
  readonly queue?: readonly ReportConnector[] | undefined;
  /** Imports without an end: people of theirs are missing here. Empty where it is about one request. */
  readonly cutOffImports: readonly CutOffImport[];
  /** The requests, read anew each time. */
  requests(): AsyncIterable<RequestWithTasks>;
}

/** What a report is about. */
export interface ReportScope {
  /** Only this request. */
  readonly requestId?: string | undefined;
  /** Only requests received at or after this time, ISO 8601. */
  readonly receivedFrom?: string | undefined;
  /** Only requests received before this time, ISO 8601. */
  readonly receivedBefore?: string | undefined;
  /** Name the people. */
  readonly withIdentifiers?: boolean | undefined;
}

/** Collects what a report shows; undefined where the request that it is about is unknown. */
export async function collectReport(
  ledger: Ledger,
  connectors: readonly ConfiguredConnector[],
  scope: ReportScope,
  nowMs: number,
): Promise<ReportContents | undefined> {
  const options = { identifiers: scope.withIdentifiers === true };
  const whole = await ledger.summary(nowMs);
  const cutOffImports = await ledger.cutOffImports();
  const withConfigured = (summaries: readonly ConnectorSummary[]): readonly ReportConnector[] =>
    summaries.map((summary) => ({
      summary,
      configured: connectors.find(({ name }) => name === summary.connector),
    }));
  const contents = (summary: LedgerSummary, requests: () => AsyncIterable<RequestWithTasks>): ReportContents => ({
    generatedAt: new Date(nowMs).toISOString(),
    summary,
    connectors: withConfigured(summary.connectors),
    hasIdentifiers: options.identifiers,
    scope,
    queue: withConfigured(whole.connectors),
    cutOffImports: scope.requestId === undefined ? cutOffImports : [],
    requests,
  });
  if (scope.receivedFrom !== undefined || scope.receivedBefore !== undefined) {
    const requests = () => inPeriod(ledger.requests(options), scope);
    return contents(await summaryOfPeriod(whole, requests(), nowMs), requests);
  }
  if (scope.requestId === undefined) return contents(whole, () => ledger.requests(options));
  const request = await ledger.request(scope.requestId, options);
  if (request === undefined) return undefined;
  const summary = summaryOf(request, nowMs);
  return contents({ ...summary, connectors: withPauses(summary.connectors, whole) }, async function* () {
    yield request;
  });
}

// A pause is the ledger's, whatever part of it a report is about.
function withPauses(connectors: readonly ConnectorSummary[], whole: LedgerSummary): readonly ConnectorSummary[] {
  return connectors.map((own) => ({
    ...own,
    paused: whole.connectors.find(({ connector }) => connector === own.connector)?.paused,
  }));
}

async function* inPeriod(
  requests: AsyncIterable<RequestWithTasks>,
  { receivedFrom, receivedBefore }: ReportScope,
): AsyncGenerator<RequestWithTasks> {
  for await (const entry of requests) {
    const { receivedAt } = entry.request;
    if (receivedFrom !== undefined && receivedAt < receivedFrom) continue;
    if (receivedBefore !== undefined && receivedAt >= receivedBefore) continue;
    yield entry;
  }
}

// Adds the requests up one by one; a connector's pause and next time are the ledger's, which the period does not change.
async function summaryOfPeriod(
  whole: LedgerSummary,
  requests: AsyncIterable<RequestWithTasks>,
  nowMs: number,
): Promise<LedgerSummary> {
  const totals = { total: 0, settled: 0, undone: 0, calledBack: 0, nothingSent: 0, overdue: 0 };
  const byConnector = new Map<string, ConnectorSummary>();
  for await (const entry of requests) {
    const one = summaryOf(entry, nowMs);
    for (const key of Object.keys(totals) as (keyof typeof totals)[]) totals[key] += one.requests[key];
    for (const summary of one.connectors) {
      byConnector.set(summary.connector, addSummaries(byConnector.get(summary.connector), summary));
    }
  }
  const connectors = whole.connectors.flatMap(({ connector, noneFound, nextAt, paused }) => {
    const own = byConnector.get(connector);
    return own === undefined ? [] : [{ ...own, noneFound, nextAt, paused }];
  });
  return { requests: totals, connectors };
}

function addSummaries(sum: ConnectorSummary | undefined, next: ConnectorSummary): ConnectorSummary {
  if (sum === undefined) return next;
  const reasons = sum.reasons.map((reason) => ({ ...reason }));
  for (const { state, reason, count } of next.reasons) {
    const known = reasons.find((each) => each.state === state && each.reason === reason);
    if (known === undefined) reasons.push({ state, reason, count });
    else known.count += count;
  }
  return {
    ...sum,
    states: addCounts(sum.states, next.states),
    onHold: sum.onHold + next.onHold,
    assurances: addCounts(sum.assurances, next.assurances),
    reasons,
    unread: addUnread(sum.unread, next.unread),
  };
}

function addUnread(sum: ConnectorSummary['unread'], next: ConnectorSummary['unread']): ConnectorSummary['unread'] {
  const counts = new Map(sum.map(({ reason, count }) => [reason, count]));
  for (const { reason, count } of next) counts.set(reason, count + (counts.get(reason) ?? 0));
  return [...counts].map(([reason, count]) => ({ reason, count }));
}

function addCounts<Word extends string>(
  a: Readonly<Partial<Record<Word, number>>>,
  b: Readonly<Partial<Record<Word, number>>>,
): Partial<Record<Word, number>> {
  const sum: Partial<Record<Word, number>> = { ...a };
  for (const [word, count] of Object.entries(b) as [Word, number][]) sum[word] = (sum[word] ?? 0) + count;
  return sum;
}

/** Where one request stands, in the form of a summary. */
function summaryOf({ request, tasks }: RequestWithTasks, nowMs: number): LedgerSummary {
  const isSettled = request.settledAt !== undefined;
  const names = [...new Set(tasks.map(({ connector }) => connector))];
  return {
    requests: {
      total: 1,
      settled: isSettled ? 1 : 0,
      undone: request.result === 'undone' ? 1 : 0,
      calledBack: request.result === 'called-back' ? 1 : 0,
      nothingSent: request.result === 'nothing-sent' ? 1 : 0,
      overdue: !isSettled && Date.parse(request.dueAt) < nowMs ? 1 : 0,
    },
    connectors: names.map((name): ConnectorSummary => {
      const own = tasks.filter(({ connector }) => connector === name);
      const reasons = own.flatMap(({ state, reason }) => (reason === undefined ? [] : [{ state, reason, count: 1 }]));
      return {
        connector: name,
        states: countBy(own.map(({ state }) => state)),
        onHold: own.filter(({ isOnHold }) => isOnHold).length,
        assurances: countBy(own.flatMap(({ assurance }) => assurance ?? [])),
        reasons,
        unread: own.flatMap(whyUnread).map((reason) => ({ reason, count: 1 })),
        nextAt: own.flatMap(({ nextAt }) => nextAt ?? []).sort()[0],
        paused: undefined,
      };
    }),
  };
}

// Where a ledger of version 1 was brought along, nobody knows why.
function whyUnread({ readBefore, unreadReason }: TaskRow): readonly string[] {
  if (readBefore !== 'unread' || unreadReason === undefined || unreadReason === 'not-recorded') return [];
  return [unreadReason];
}

function countBy<Word extends string>(words: readonly Word[]): Partial<Record<Word, number>> {
  const counts: Partial<Record<Word, number>> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
