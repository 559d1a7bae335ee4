import type { RequestWithTasks, TaskRow } from '@expunge/engine';
import { plural } from './count-words.ts';
import { deadlineWords, type Forecast, requestDeadline } from './deadlines.ts';
import { escapeHtml } from './escape-html.ts';
import { keepsTable, wordList } from './html-connectors.ts';
import { deadlineClasses, needsSomebody, reachOf, stateHtml, timeHtml, whyHtml } from './html-task.ts';
import type { ReportContents } from './report-contents.ts';
import { shellQuote } from './shell-quote.ts';
import { howItIsKnown, onHoldTitle, stateExplanation, stateTitle, stateWords } from './state-words.ts';

const lawWords = {
  gdpr: 'GDPR (Regulation (EU) 2016/679, article 17)',
  ccpa: 'CCPA (California Civil Code, section 1798.105)',
  other: "another law, or the company's own rules",
} as const;

/** One request as a document of its own: what was asked and what was done on the first sheet, what is left on the second. */
export function requestDocument(entry: RequestWithTasks, contents: ReportContents, forecast: Forecast): string {
  const { request, tasks } = entry;
  const states = new Map(
    tasks.map((task) => {
      const reach = reachOf(task.connector, contents);
      return [stateTitle(task, reach), stateExplanation(task, reach)];
    }),
  );
  return `<h1>Record of a deletion request</h1>
<p class="soft">Made by Expunge on ${timeHtml(contents.generatedAt)}. ${
    contents.hasIdentifiers
      ? 'It names a person: keep it like the data it is about.'
      : 'It does not name the person: the request carries the id under which it was made.'
  }</p>
${resultHtml(entry, contents)}
<h2>What was asked</h2>
${factsHtml(entry, contents, forecast)}
<h2>What was done, where, and how that is known</h2>
<div class="wide"><table class="steps"><thead><tr><th>Where</th><th>Outcome</th><th>How it is known, and why</th><th>When (UTC)</th></tr></thead><tbody>
${tasks.map((task) => taskRow(task, contents)).join('\n')}
</tbody></table></div>
${wordList(states)}
<section class="sheet"><h2>What each vendor keeps, and what is left to do by hand</h2>
<p>The deletion does not reach what stands in the last column: it stays, or somebody has to see to it. Stop the sources first: at
every vendor a person can come back, by a login, an event or an import.</p>
${keepsTable(contents.connectors)}
<h2>Proof</h2>
<p>Every step of this request is an entry of an audit log, chained by hashes. The signed counterpart of this record is made by
<span class="id">expunge report --certificate ${escapeHtml(shellQuote(request.requestId))}</span>; anybody can check that offline with
<span class="id">expunge audit verify</span> and the company's public key. This page itself is not signed.</p></section>
`;
}

function resultHtml({ request, tasks }: RequestWithTasks, contents: ReportContents): string {
  const acting = tasks.filter(needsSomebody).length;
  const open = tasks.filter(({ state }) => stateWords[state].group === 'open').length;
  const counted = new Map<string, number>();
  for (const task of tasks) {
    const title = task.isOnHold ? onHoldTitle : stateTitle(task, reachOf(task.connector, contents));
    const words =
      task.assurance === undefined || task.assurance === 'accepted' ? title : `${title} (${task.assurance})`;
    counted.set(words, (counted.get(words) ?? 0) + 1);
  }
  const parts = [...counted].map(([words, count]) => `${count} ${words}`).join(', ');
  const status =
    request.settledAt === undefined
      ? `Not settled: ${plural(open, 'deletion')} still open.`
      : settledWords[request.result ?? 'done'];
  const wanted = acting === 0 ? '' : ` For ${plural(acting, 'deletion')} somebody has to act.`;
  const isWhole = request.result === 'done' && tasks.every(({ state }) => stateWords[state].group === 'done');
  const name = acting > 0 ? 'bad' : request.settledAt === undefined || !isWhole ? 'wait' : 'good';
  return `<p class="verdict ${name}">${escapeHtml(`${status}${wanted} Of ${plural(tasks.length, 'deletion')}: ${parts}.`)}</p>`;
}

const settledWords = {
  done: 'Settled: nothing is open.',
  undone: 'Ended, and not done.',
  'called-back': 'Cancelled: what was cancelled is not deleted.',
  'nothing-sent': 'Ended: nothing could be sent anywhere.',
} as const;

function factsHtml(entry: RequestWithTasks, contents: ReportContents, forecast: Forecast): string {
  const { request } = entry;
  const deadline = requestDeadline(entry, forecast, Date.parse(contents.generatedAt));
  const facts: (readonly [string, string])[] = [
    ['Request', `<span class="id">${escapeHtml(request.requestId)}</span>`],
    ['Asked', 'Deletion of one person at every configured vendor'],
    ['Under', escapeHtml(lawWords[request.law])],
    ['Received', timeHtml(request.receivedAt)],
    [
      'Due',
      `${timeHtml(request.dueAt)}, <span class="${deadlineClasses[deadline]}">${escapeHtml(deadlineWords[deadline])}</span>`,
    ],
    ['Work began', timeHtml(request.acceptedAt)],
    ['Settled', request.settledAt === undefined ? '<span class="wait">not yet</span>' : timeHtml(request.settledAt)],
  ];
  if (contents.hasIdentifiers) facts.splice(1, 0, ['Person', personHtml(entry)]);
  return `<dl class="facts">${facts.map(([term, value]) => `<dt>${term}</dt><dd>${value}</dd>`).join('')}</dl>`;
}

function personHtml({ identifiers, isUnreadable }: RequestWithTasks): string {
  if (isUnreadable === true) return '<span class="bad">not readable: the encrypted page is damaged</span>';
  if (identifiers === undefined) return '<span class="soft">erased</span>';
  return identifiers
    .map(({ type, value }) => `<span class="id">${escapeHtml(type)}: ${escapeHtml(value)}</span>`)
    .join('<br>');
}

function taskRow(task: TaskRow, contents: ReportContents): string {
  const found = contents.connectors.find(({ summary }) => summary.connector === task.connector);
  const title = found?.configured?.connector.capabilities.title;
  const by = task.targetType === undefined ? '' : `<span class="note">by ${escapeHtml(task.targetType)}</span>`;
  const where = `<span class="name">${escapeHtml(task.connector)}</span>${title === undefined ? '' : `<span class="note">${escapeHtml(title)}</span>`}${by}`;
  const known = escapeHtml(howItIsKnown(task) ?? '');
  const pause = stateWords[task.state].group === 'open' ? found?.summary.paused : undefined;
  const paused = pause === undefined ? '' : `<span class="note bad">${escapeHtml(`Paused: ${pause.message}`)}</span>`;
  const noReason =
    task.reason === undefined && task.assurance === undefined ? escapeHtml(stateWords[task.state].explanation) : '';
  return `<tr><td>${where}</td><td><span class="state">${stateHtml(task, contents)}</span></td><td>${known}${noReason}${paused}${whyHtml(task)}</td><td>${timesHtml(task)}</td></tr>`;
}

function timesHtml({ submittedAt, finishedAt }: TaskRow): string {
  const lines: string[] = [];
  if (submittedAt !== undefined) lines.push(`<div>taken ${minute(submittedAt)}</div>`);
  if (finishedAt !== undefined) lines.push(`<div>ended ${minute(finishedAt)}</div>`);
  return lines.length === 0 ? '<span class="soft">nothing was taken</span>' : lines.join('');
}

function minute(at: string): string {
  const iso = new Date(at).toISOString();
  return `<time datetime="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 16)}</time>`;
}
