import type { LedgerSummary, RequestWithTasks, TaskRow } from '@expunge/engine';
import { describeReason, type StateGroup, stateTitle, stateWords } from '../output/state-words.ts';
import { countWords, plural } from '../output/table.ts';
import { verdictOf } from '../verdict.ts';
import { deadlineWords, type Forecast, forecastOf, requestDeadline } from './deadlines.ts';
import { escapeHtml } from './escape-html.ts';
import { connectorCards, connectorTable, wordList } from './html-connectors.ts';
import { htmlStyle } from './html-style.ts';
import type { ReportContents } from './report-contents.ts';

const maxAttention = 200;

/** The color class of a group. The words stand there as well: colors alone tell some people nothing. */
export const classOf: Readonly<Record<StateGroup, string>> = {
  done: 'good',
  open: 'wait',
  failed: 'bad',
  idle: 'idle',
};

/** Writes the HTML report piece by piece: one file that needs nothing else, for the screen and for paper. */
export async function* htmlReport(contents: ReportContents): AsyncGenerator<string> {
  const { summary } = contents;
  yield `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<title>Deletion report, ${escapeHtml(contents.generatedAt.slice(0, 10))}</title>
<style>${htmlStyle}</style>
</head>
<body>
<h1>Deletion report</h1>
<p class="soft">Made by Expunge on ${timeCell(contents.generatedAt)}. ${
    contents.hasIdentifiers
      ? 'It names people: keep it like the data it is about.'
      : 'It names nobody: requests carry the ids they came with.'
  }</p>
${verdictHtml(summary)}
<h2>Where everything stands</h2>
${connectorTable(contents.connectors)}
`;
  yield* attention(contents);
  yield `<h2>What each vendor erases and keeps</h2>\n${connectorCards(contents.connectors)}\n`;
  yield `<h2>What the words mean</h2>\n${wordList()}\n`;
  yield* requestTable(contents);
  yield '</body>\n</html>\n';
}

function verdictHtml(summary: LedgerSummary): string {
  const verdict = verdictOf(summary.connectors);
  const { total, settled, overdue } = summary.requests;
  const sentences = [`${countWords(settled)} of ${plural(total, 'request')} settled.`];
  if (verdict.failed > 0) sentences.push(`${plural(verdict.failed, 'deletion')} failed for good.`);
  if (verdict.open > 0) sentences.push(`${plural(verdict.open, 'deletion')} still open.`);
  if (verdict.skipped > 0) sentences.push(`For ${plural(verdict.skipped, 'deletion')} nothing was sent.`);
  if (verdict.paused.length > 0) sentences.push(`Paused: ${verdict.paused.join(', ')}.`);
  if (overdue > 0) sentences.push(`${plural(overdue, 'request')} overdue.`);
  const name = verdict.word === 'settled' ? 'good' : verdict.word === 'waiting' && overdue === 0 ? 'wait' : 'bad';
  return `<p class="verdict ${name}">${escapeHtml(sentences.join(' '))}</p>`;
}

// Somebody who opens the report wants to know first what is left to do.
async function* attention(contents: ReportContents): AsyncGenerator<string> {
  if (verdictOf(contents.summary.connectors).failed === 0) return;
  yield '<h2>What needs somebody</h2>\n<table><thead><tr><th>Request</th><th>Connector</th><th>State</th><th>Why</th></tr></thead><tbody>\n';
  let shown = 0;
  for await (const { tasks } of contents.requests()) {
    for (const task of tasks) {
      if (stateWords[task.state].group !== 'failed') continue;
      shown += 1;
      if (shown > maxAttention) break;
      yield `<tr><td class="id">${escapeHtml(task.requestId)}</td><td>${escapeHtml(task.connector)}</td><td>${stateHtml(task, contents)}</td><td>${whyHtml(task)}</td></tr>\n`;
    }
    if (shown > maxAttention) break;
  }
  yield '</tbody></table>\n';
  if (shown > maxAttention) yield `<p class="soft">And more; the table of all requests below has them all.</p>\n`;
}

async function* requestTable(contents: ReportContents): AsyncGenerator<string> {
  const names = contents.connectors.map(({ summary }) => summary.connector);
  const person = contents.hasIdentifiers ? '<th>Person</th>' : '';
  const heads = names.map((name) => `<th>${escapeHtml(name)}</th>`).join('');
  yield `<h2>All requests</h2>\n<div class="wide"><table><thead><tr><th>Request</th>${person}<th>Received</th><th>Due</th><th>Settled</th>${heads}</tr></thead><tbody>\n`;
  const forecast = forecastOf(contents.connectors, Date.parse(contents.generatedAt));
  for await (const request of contents.requests()) yield requestRow(request, names, contents, forecast);
  yield '</tbody></table></div>\n';
}

const deadlineClasses = {
  'settled-in-time': 'good',
  'settled-late': 'bad',
  'on-track': 'idle',
  'due-soon': 'wait',
  overdue: 'bad',
} as const;

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
    return `<td>${own.map((task) => `<div>${stateHtml(task, contents)}${whyHtml(task)}</div>`).join('')}</td>`;
  });
  const settled = request.settledAt === undefined ? '<span class="wait">open</span>' : timeCell(request.settledAt);
  const due = `<span class="${deadlineClasses[deadline]}">${timeCell(request.dueAt)}, ${deadlineWords[deadline]}</span>`;
  return `<tr><td class="id">${escapeHtml(request.requestId)}</td>${personCell(entry, contents)}<td>${timeCell(request.receivedAt)}</td><td>${due} <span class="note">${escapeHtml(request.law)}</span></td><td>${settled}</td>${cells.join('')}</tr>\n`;
}

function personCell({ identifiers }: RequestWithTasks, contents: ReportContents): string {
  if (!contents.hasIdentifiers) return '';
  if (identifiers === undefined) return '<td class="soft">shredded</td>';
  const lines = identifiers.map(({ type, value }) => `<div>${escapeHtml(type)}: ${escapeHtml(value)}</div>`);
  return `<td class="id">${lines.join('')}</td>`;
}

function stateHtml(task: TaskRow, contents: ReportContents): string {
  const { group } = stateWords[task.state];
  const connector = contents.connectors.find(({ summary }) => summary.connector === task.connector);
  const title = stateTitle(task.state, connector?.configured?.connector.capabilities.reach);
  const assurance = task.assurance === undefined || task.assurance === 'accepted' ? '' : `, ${task.assurance}`;
  const type = task.targetType === undefined ? '' : ` title="by ${escapeHtml(task.targetType)}"`;
  return `<span class="${classOf[group]}"${type}>${escapeHtml(title)}${assurance}</span>`;
}

function whyHtml(task: TaskRow): string {
  const notes: string[] = [];
  if (task.reason !== undefined) notes.push(describeReason(task.reason));
  if (task.message !== undefined) notes.push(task.message);
  if (task.vendorStatus !== undefined) notes.push(`vendor's word: ${task.vendorStatus}`);
  for (const part of task.parts ?? []) {
    if (part.state !== 'deleted') notes.push(`${part.name}: ${part.state} (${part.vendorStatus})`);
  }
  if (task.nextAt !== undefined) notes.push(`goes on at ${task.nextAt.slice(0, 16).replace('T', ' ')} UTC`);
  return notes.map((note) => `<span class="note">${escapeHtml(note)}</span>`).join('');
}

function timeCell(at: string): string {
  const iso = new Date(at).toISOString();
  return `<time datetime="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC</time>`;
}
