import { type DeadlineState, openStates, type RequestWithTasks, terminalStates } from '@expunge/engine';
import { countWords, plural } from './count-words.ts';
import { deadlineWords, type Forecast, forecastOf, requestDeadline } from './deadlines.ts';
import { escapeHtml } from './escape-html.ts';
import { connectorTable, keepsTable, wordList } from './html-connectors.ts';
import { requestDocument } from './html-request.ts';
import { htmlStyle } from './html-style.ts';
import { dayHtml, deadlineClasses, needsSomebody, stateHtml, timeHtml, whyHtml } from './html-task.ts';
import { noneFoundWords } from './none-found-words.ts';
import { notDoneWords } from './not-done-words.ts';
import type { ReportConnector, ReportContents } from './report-contents.ts';
import { resultOf } from './run-result.ts';
import { countGroup, stateExplanation, stateTitle, stateWords } from './state-words.ts';

const maxAttention = 200;

/** Writes the HTML report piece by piece: one file that needs nothing else, for the screen and for paper. */
export async function* htmlReport(contents: ReportContents): AsyncGenerator<string> {
  const isOne = contents.scope?.requestId !== undefined;
  const title = isOne ? 'Record of a deletion request' : 'Deletion report';
  yield `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<title>${title}, ${escapeHtml(contents.generatedAt.slice(0, 10))}</title>
<style>${htmlStyle}</style>
</head>
<body>
`;
  const forecast = forecastOf(contents.queue ?? contents.connectors, Date.parse(contents.generatedAt));
  if (isOne) {
    for await (const entry of contents.requests()) yield requestDocument(entry, contents, forecast);
  } else yield* manyRequests(contents, forecast);
  yield '</body>\n</html>\n';
}

async function* manyRequests(contents: ReportContents, forecast: Forecast): AsyncGenerator<string> {
  yield `<h1>Deletion report</h1>
<p class="soft">${scopeWords(contents)} Made by Expunge on ${timeHtml(contents.generatedAt)}. ${
    contents.hasIdentifiers
      ? 'It names people: keep it like the data it is about.'
      : 'It names nobody: requests carry the ids they came with.'
  }</p>
${resultHtml(contents)}
${await deadlineCounts(contents, forecast)}
<h2>Where everything stands</h2>
${connectorTable(contents.connectors, forecast)}
`;
  yield* attention(contents, forecast);
  const states = usedWords(contents.connectors);
  yield `<h2>What the words mean</h2>\n${wordList(states)}\n`;
  yield `<section class="sheet"><h2>What each vendor erases and keeps, and what is left to do by hand</h2>\n${keepsTable(contents.connectors)}\n</section>\n`;
  yield* requestTable(contents, forecast);
}

// Fifteen words that nobody meets in the tables would only be in the way.
function usedWords(connectors: readonly ReportConnector[]): ReadonlyMap<string, string> {
  const words = new Map<string, string>();
  for (const { summary, configured } of connectors) {
    const reach = configured?.connector.capabilities.reach;
    for (const state of [...openStates, ...terminalStates]) {
      const withReasons = summary.reasons.filter((each) => each.state === state);
      const others = (summary.states[state] ?? 0) - withReasons.reduce((sum, { count }) => sum + count, 0);
      for (const each of others > 0 ? [...withReasons, { state }] : withReasons) {
        words.set(stateTitle(each, reach), stateExplanation(each, reach));
      }
    }
  }
  return words;
}

function scopeWords({ scope }: ReportContents): string {
  const { receivedFrom, receivedBefore } = scope ?? {};
  if (receivedFrom === undefined && receivedBefore === undefined) return 'All requests of the ledger.';
  const from = receivedFrom === undefined ? '' : ` from ${timeHtml(receivedFrom)}`;
  const before = receivedBefore === undefined ? '' : ` before ${timeHtml(receivedBefore)}`;
  return `Requests received${from}${before}.`;
}

function resultHtml({ summary, cutOffImports }: ReportContents): string {
  const cutOff = cutOffImports.length;
  const result = resultOf(summary.connectors, { ...summary.requests, cutOff });
  const { total, settled, overdue } = summary.requests;
  const sentences = [`${countWords(settled)} of ${plural(total, 'request')} settled.`];
  if (result.failed > 0) sentences.push(`${plural(result.failed, 'deletion')} failed for good.`);
  sentences.push(...notDoneWords(result));
  if (result.needReview > 0) sentences.push(`${plural(result.needReview, 'deletion')} in doubt need a review.`);
  if (result.open > 0) sentences.push(`${plural(result.open, 'deletion')} still open.`);
  if (result.skipped > 0) sentences.push(`For ${plural(result.skipped, 'deletion')} nothing was sent.`);
  if (result.paused.length > 0) sentences.push(`Paused: ${result.paused.join(', ')}.`);
  for (const { connector, noneFound } of summary.connectors) {
    if (noneFound !== undefined) sentences.push(noneFoundWords({ connector, noneFound }));
  }
  if (overdue > 0) sentences.push(`${plural(overdue, 'request')} overdue.`);
  for (const { importId, startedAt, requests } of cutOffImports) {
    sentences.push(
      `Import ${importId} of ${startedAt} was cut off: ${plural(requests, 'request')} came in, and the rest of that list is not in this report.`,
    );
  }
  const name = result.word === 'settled' ? 'good' : result.word === 'waiting' && overdue === 0 ? 'wait' : 'bad';
  return `<p class="verdict ${name}">${escapeHtml(sentences.join(' '))}</p>`;
}

async function deadlineCounts(contents: ReportContents, forecast: Forecast): Promise<string> {
  const nowMs = Date.parse(contents.generatedAt);
  const counts = new Map<DeadlineState, number>();
  for await (const entry of contents.requests()) {
    const state = requestDeadline(entry, forecast, nowMs);
    counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  const order = [
    'overdue',
    'settled-undone',
    'called-back',
    'nothing-sent',
    'due-soon',
    'on-track',
    'settled-late',
    'settled-in-time',
  ] as const;
  const parts = order.flatMap((state) => {
    const count = counts.get(state) ?? 0;
    return count === 0
      ? []
      : [`<span class="${deadlineClasses[state]}">${countWords(count)} ${deadlineWords[state]}</span>`];
  });
  return parts.length === 0 ? '' : `<p>Deadlines: ${parts.join(', ')}.</p>`;
}

// Somebody who opens the report wants to know first what is left to do.
async function* attention(contents: ReportContents, forecast: Forecast): AsyncGenerator<string> {
  const nowMs = Date.parse(contents.generatedAt);
  const heading = '<h2>What needs somebody</h2>\n';
  const pauses = contents.connectors.flatMap(({ summary }) =>
    summary.paused === undefined || countGroup(summary.states, 'open') === 0
      ? []
      : [`${summary.connector} is paused. ${summary.paused.message}`],
  );
  if (pauses.length > 0)
    yield `${heading}${pauses.map((text) => `<p class="bad">${escapeHtml(text)}</p>`).join('\n')}\n`;
  let shown = 0;
  for await (const entry of contents.requests()) {
    const isOverdue = requestDeadline(entry, forecast, nowMs) === 'overdue';
    for (const task of entry.tasks) {
      const isLate = isOverdue && stateWords[task.state].group === 'open';
      if (!needsSomebody(task) && !isLate) continue;
      if (shown === 0) {
        if (pauses.length === 0) yield heading;
        yield '<div class="wide"><table><thead><tr><th>Request</th><th>Connector</th><th>State</th><th>Why</th></tr></thead><tbody>\n';
      }
      shown += 1;
      if (shown > maxAttention) break;
      const late = isLate ? `<span class="note bad">overdue since ${timeHtml(entry.request.dueAt)}</span>` : '';
      yield `<tr><td class="id">${escapeHtml(task.requestId)}</td><td>${escapeHtml(task.connector)}</td><td>${stateHtml(task, contents)}</td><td>${late}${whyHtml(task)}</td></tr>\n`;
    }
    if (shown > maxAttention) break;
  }
  if (shown > 0) yield '</tbody></table></div>\n';
  if (shown > maxAttention) yield `<p class="soft">And more; the table of all requests below has them all.</p>\n`;
}

async function* requestTable(contents: ReportContents, forecast: Forecast): AsyncGenerator<string> {
  const names = contents.connectors.map(({ summary }) => summary.connector);
  const person = contents.hasIdentifiers ? '<th>Person</th>' : '';
  const heads = names.map((name) => `<th>${escapeHtml(name)}</th>`).join('');
  yield `<section class="across"><h2>All requests</h2>\n<div class="wide"><table class="list"><thead><tr><th>Request</th>${person}<th>Received</th><th>Due</th><th>Settled</th>${heads}</tr></thead><tbody>\n`;
  for await (const request of contents.requests()) yield requestRow(request, names, contents, forecast);
  yield '</tbody></table></div></section>\n';
}

function requestRow(
  entry: RequestWithTasks,
  names: readonly string[],
  contents: ReportContents,
  forecast: Forecast,
): string {
  const { request, tasks } = entry;
  const deadline = requestDeadline(entry, forecast, Date.parse(contents.generatedAt));
  const cells = names.map((name) => {
    const own = tasks.filter(({ connector }) => connector === name);
    // What went well needs no more words here: a request's own record has them.
    const lines = own.map((task) => {
      const isDone = stateWords[task.state].group === 'done' && task.reason === undefined;
      return `<div>${stateHtml(task, contents)}${isDone ? '' : whyHtml(task)}</div>`;
    });
    return `<td>${lines.join('')}</td>`;
  });
  const settled = request.settledAt === undefined ? '<span class="wait">open</span>' : dayHtml(request.settledAt);
  const due = `${dayHtml(request.dueAt)} <span class="note ${deadlineClasses[deadline]}">${deadlineWords[deadline]}</span>`;
  return `<tr><td class="id">${escapeHtml(request.requestId)} <span class="note">${escapeHtml(request.law)}</span></td>${personCell(entry, contents)}<td>${dayHtml(request.receivedAt)}</td><td>${due}</td><td>${settled}</td>${cells.join('')}</tr>\n`;
}

function personCell({ identifiers }: RequestWithTasks, contents: ReportContents): string {
  if (!contents.hasIdentifiers) return '';
  if (identifiers === undefined) return '<td class="soft">erased</td>';
  const lines = identifiers.map(({ type, value }) => `<div>${escapeHtml(type)}: ${escapeHtml(value)}</div>`);
  return `<td class="id">${lines.join('')}</td>`;
}
