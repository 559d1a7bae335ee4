import type { Identifier } from '@expunge/core';
import type { ConfiguredConnector, ConnectorSummary, Ledger, RequestWithTasks } from '@expunge/engine';
import { describeReason, notDoneWords, onHoldTitle, stateTitle, stateWords } from '@expunge/report/words';
import { loadConfig } from '../config/load-config.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { taskDueWords } from '../output/due-words.ts';
import { timeWords } from '../output/durations.ts';
import { printable } from '../output/printable.ts';
import { type Reaches, renderSummary } from '../output/summary-table.ts';
import { countWords, plural, renderTable } from '../output/table.ts';
import { runResultOf } from '../run-result.ts';
import { parsePerson } from '../subjects/parse-identifier.ts';
import { UserError } from '../user-error.ts';
import type { Command, CommandContext, SharedOptions } from './command-context.ts';
import { type AddCommand, allowValueOption, collect, withSharedOptions } from './command-line.ts';
import { cutOffWords, readNotes, setAsideWords } from './ledger-notes.ts';
import { loadForReading, reachesOf } from './load-for-reading.ts';
import { withLedger } from './open-ledger.ts';

/** Adds `expunge status`. */
export const addStatus: AddCommand = (program, run) => {
  withSharedOptions(program.command('status'), 'expunge status')
    .description('where everything stands, or one request; also while a run is going on')
    .argument('[request]', 'a request id')
    .option(
      '-s, --subject <type=value>',
      'the requests of one person, also when their data is gone; repeat it',
      collect,
    )
    .addOption(allowValueOption())
    .action((request: string | undefined, options: SharedOptions & Pick<StatusArguments, 'subject' | 'allowValue'>) =>
      run(options, (context) => statusCommand(context, { ...options, request })),
    );
};

/** The arguments of `expunge status`. */
interface StatusArguments {
  /** One request; left out: everything. */
  readonly request?: string | undefined;
  /** The requests of one person, by `type=value` arguments. */
  readonly subject?: readonly string[] | undefined;
  /** Values that would be refused or warned about, and are meant. */
  readonly allowValue?: readonly string[] | undefined;
}

/** `expunge status`: where everything stands, or one request. */
const statusCommand: Command<StatusArguments> = async (context, given) => {
  const loaded = await loadConfig(context.processEnvironment, context.shared.config);
  const read = await loadForReading(context, loaded);
  const { connectors } = read;
  const reaches = reachesOf(connectors);
  return await withLedger(context, loaded, async (ledger) => {
    if (given.subject !== undefined) {
      const identifiers = await parsePerson(context, read, given.subject, given.allowValue);
      await onePerson(context, ledger, connectors, identifiers, reaches);
    } else if (given.request !== undefined) await oneRequest(context, ledger, connectors, given.request, reaches);
    else return await everything(context, ledger, reaches);
    return exitCodes.settled;
  });
};

async function everything(context: CommandContext, ledger: Ledger, reaches: Reaches): Promise<ExitCode> {
  const summary = await ledger.summary();
  const notes = await readNotes(ledger);
  const cutOff = notes.cutOffImports.length;
  const result = runResultOf(summary.connectors, { ...summary.requests, cutOff, isList: false });
  const { total, settled, overdue } = summary.requests;
  const { colors } = context;
  if (total === 0) {
    context.print('The ledger has no requests yet.\n');
  } else {
    const late = overdue === 0 ? '' : colors.red(`, ${countWords(overdue)} overdue`);
    context.print(`${plural(total, 'request')}, ${countWords(settled)} settled${late}.\n`);
    for (const words of notDoneWords(summary.requests)) context.print(`${colors.yellow(words)}\n`);
    context.print('\n');
    context.print(renderSummary(summary.connectors, colors, context.processEnvironment.now(), reaches));
  }
  const words = [...cutOffWords(notes.cutOffImports), ...setAsideWords(notes.setAside)];
  for (const each of words) context.print(`\n${colors.yellow(`${each.charAt(0).toUpperCase()}${each.slice(1)}.`)}\n`);
  context.printJson({ result: result.word, requests: summary.requests, connectors: summary.connectors, ...notes });
  // Where people are missing, nothing that is said about the others is the whole.
  return cutOff > 0 ? exitCodes.waiting : exitCodes.settled;
}

// The ledger keeps fingerprints of targets: they answer for people whose identifiers were erased long ago.
async function onePerson(
  context: CommandContext,
  ledger: Ledger,
  connectors: readonly ConfiguredConnector[],
  identifiers: readonly Identifier[],
  reaches: Reaches,
): Promise<void> {
  const { findRequests } = await import('@expunge/engine');
  const found = await Promise.all(
    (await findRequests(ledger, connectors, identifiers)).map((id) => ledger.request(id)),
  );
  const requests = found.filter((request) => request !== undefined);
  context.print(requests.length === 0 ? 'The ledger has no request for this person.\n' : '');
  const summaries = await ledger.connectorSummaries();
  for (const request of requests) context.print(`${renderRequest(context, request, reaches, summaries)}\n`);
  context.printJson({ requests: await withDeadlines(context, summaries, connectors, requests) });
}

/** Requests as the JSON report has them, with how they stand against their deadlines. */
async function withDeadlines(
  context: CommandContext,
  summaries: readonly ConnectorSummary[],
  connectors: readonly ConfiguredConnector[],
  requests: readonly RequestWithTasks[],
) {
  const { forecastOf, requestDeadline, toJsonRequest } = await import('@expunge/report');
  const nowMs = context.processEnvironment.now();
  const statuses = summaries.map((summary) => ({
    summary,
    configured: connectors.find(({ name }) => name === summary.connector),
  }));
  const forecast = forecastOf(statuses, nowMs);
  return requests.map((request) => toJsonRequest(request, requestDeadline(request, forecast, nowMs)));
}

async function oneRequest(
  context: CommandContext,
  ledger: Ledger,
  connectors: readonly ConfiguredConnector[],
  requestId: string,
  reaches: Reaches,
): Promise<void> {
  const found = await ledger.request(requestId);
  if (found === undefined) throw new UserError(`The ledger has no request ${requestId}.`);
  const summaries = await ledger.connectorSummaries();
  context.print(renderRequest(context, found, reaches, summaries));
  const [document] = await withDeadlines(context, summaries, connectors, [found]);
  context.printJson(document);
}

function renderRequest(
  context: CommandContext,
  { request, tasks }: RequestWithTasks,
  reaches: Reaches,
  summaries: readonly ConnectorSummary[],
): string {
  const nowMs = context.processEnvironment.now();
  const { colors } = context;
  const isOverdue = request.settledAt === undefined && Date.parse(request.dueAt) < nowMs;
  const status =
    request.settledAt === undefined ? 'open' : `${resultWords(request)} ${timeWords(request.settledAt, nowMs)}`;
  const due = `due ${timeWords(request.dueAt, nowMs)}${isOverdue ? ', overdue' : ''}`;
  const head = `${printable(request.requestId)} (${request.law}): ${status}, received ${timeWords(request.receivedAt, nowMs)}, ${isOverdue ? colors.red(due) : due}\n\n`;
  const rows = tasks.map((task) => {
    const { group } = stateWords[task.state];
    const paint = { done: colors.green, open: colors.yellow, failed: colors.red, idle: colors.dim }[group];
    const why = [
      task.reason === undefined ? undefined : describeReason(task.reason),
      task.message,
      task.vendorStatus === undefined ? undefined : `vendor says ${task.vendorStatus}`,
      taskDueWords(
        task,
        summaries.find(({ connector }) => connector === task.connector),
        nowMs,
      ),
    ];
    return [
      task.connector,
      task.targetType ?? '-',
      paint(task.isOnHold ? onHoldTitle : stateTitle(task, reaches.get(task.connector))),
      task.assurance ?? '-',
      String(task.attempts),
      why.filter((part) => part !== undefined).join('; '),
    ];
  });
  const table = renderTable(
    [
      { title: 'connector' },
      { title: 'by' },
      { title: 'state' },
      { title: 'known by' },
      { title: 'calls', align: 'right' },
      { title: 'why' },
    ],
    rows,
  );
  return head + table;
}

const wordsOfResult = {
  done: 'settled',
  undone: 'ended, and not done,',
  'called-back': 'cancelled',
  'nothing-sent': 'ended, nothing sent,',
} as const;

function resultWords({ result }: RequestWithTasks['request']): string {
  return wordsOfResult[result ?? 'done'];
}
