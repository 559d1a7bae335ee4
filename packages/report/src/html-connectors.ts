import type { ConnectorSummary } from '@expunge/engine';
import { countWords } from './count-words.ts';
import type { Forecast } from './deadlines.ts';
import { escapeHtml } from './escape-html.ts';
import { timeHtml } from './html-task.ts';
import type { ReportConnector } from './report-contents.ts';
import { assuranceWords, countGroup, describeReason, describeUnread, stateTitle } from './state-words.ts';

const reachWords = {
  person: 'Erases the person: profile and history.',
  profile: 'Erases the profile; its history stays.',
  identifier: 'Detaches one identifier; erases nobody.',
  nothing: 'Deletes nothing and nobody.',
} as const;

const heads = ['Verified', 'Confirmed', 'Nothing there', 'Accepted', 'Open', 'Failed', 'Skipped', 'Cancelled'];

/** Where every connector stands, in numbers. */
export function connectorTable(connectors: readonly ReportConnector[], forecast: Forecast): string {
  const rows = connectors.map(({ summary, configured }) => {
    const title = configured?.connector.capabilities.title;
    const name = `<span class="name">${escapeHtml(summary.connector)}</span>${noteOf(title)}`;
    const notes = notesOf(summary, forecast);
    const more = notes === '' ? '' : `\n<tr class="notes"><td colspan="${heads.length + 1}">${notes}</td></tr>`;
    return `<tr${notes === '' ? '' : ' class="noted"'}><td>${name}</td>${countsOf(summary).join('')}</tr>${more}`;
  });
  return `<div class="wide"><table><thead><tr><th>Connector</th>${heads.map((head) => `<th class="number">${head}</th>`).join('')}</tr></thead><tbody>
${rows.join('\n')}
</tbody></table></div>`;
}

function countsOf({ states, assurances }: ConnectorSummary): string[] {
  const verified = assurances.verified ?? 0;
  return [
    cell(verified, 'good'),
    cell(Math.max(0, (states.deleted ?? 0) - verified), 'good'),
    cell(states.absent ?? 0, 'good'),
    cell(states.accepted ?? 0, 'good'),
    cell(countGroup(states, 'open'), 'wait'),
    cell(countGroup(states, 'failed'), 'bad'),
    cell(states.skipped ?? 0, 'idle'),
    cell(states.cancelled ?? 0, 'idle'),
  ];
}

function cell(count: number, name: string): string {
  return `<td class="number ${count === 0 ? 'zero' : name}">${countWords(count)}</td>`;
}

function noteOf(text: string | undefined): string {
  return text === undefined ? '' : `<span class="note">${escapeHtml(text)}</span>`;
}

function notesOf(summary: ConnectorSummary, forecast: Forecast): string {
  const notes = summary.reasons.map(
    ({ state, reason, count }) =>
      `${countWords(count)} ${stateTitle({ state, reason }, undefined)}: ${describeReason(reason)}`,
  );
  notes.push(...summary.unread.map(describeUnread));
  if (summary.paused !== undefined) notes.unshift(`Paused: ${summary.paused.message}`);
  const goesOn = summary.paused === undefined && countGroup(summary.states, 'open') > 0;
  const doneAt = goesOn ? forecast.get(summary.connector) : undefined;
  const expected =
    doneAt === undefined
      ? ''
      : `<span class="note">Open deletions expected to be done by ${timeHtml(new Date(doneAt).toISOString())}</span>`;
  return notes.map(noteOf).join('') + expected;
}

/** What every connector erases, what its vendor keeps, and what is left to do by hand. */
export function keepsTable(connectors: readonly ReportConnector[]): string {
  return `<div class="wide"><table class="keeps"><thead><tr><th>Where</th><th>What the deletion erases</th><th>What the vendor keeps, and what is left to do by hand</th></tr></thead><tbody>
${connectors.map(keepsRow).join('\n')}
</tbody></table></div>`;
}

function keepsRow({ summary, configured }: ReportConnector): string {
  const name = `<span class="name">${escapeHtml(summary.connector)}</span>`;
  if (configured === undefined) {
    return `<tr><td>${name}</td><td colspan="2" class="soft">Not configured any more, or not loadable here: what it erases is not known.</td></tr>`;
  }
  const { capabilities } = configured.connector;
  return `<tr><td>${name}${noteOf(capabilities.title)}${noteOf(reachWords[capabilities.reach])}</td><td>${list(capabilities.erases)}</td><td>${list(capabilities.leaves)}</td></tr>`;
}

function list(sentences: readonly string[]): string {
  return `<ul>${sentences.map((sentence) => `<li>${escapeHtml(sentence)}</li>`).join('')}</ul>`;
}

/** What the words of a report mean. `states`: titles of states with their explanations. */
export function wordList(states: ReadonlyMap<string, string>): string {
  return `<h3>How it is known</h3>${definitions(Object.entries(assuranceWords))}
<h3>Where it stands</h3>${definitions(states)}`;
}

function definitions(entries: Iterable<readonly [string, string]>): string {
  const lines = [...entries].map(([word, meaning]) => `<dt>${escapeHtml(word)}</dt><dd>${escapeHtml(meaning)}</dd>`);
  return `<dl>${lines.join('')}</dl>`;
}
