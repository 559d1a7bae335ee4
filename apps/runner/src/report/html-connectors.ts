import type { ConnectorSummary } from '@expunge/engine';
import { assuranceWords, countGroup, describeReason, type StateWords, stateWords } from '../output/state-words.ts';
import { countWords } from '../output/table.ts';
import { escapeHtml } from './escape-html.ts';
import type { ReportConnector } from './report-contents.ts';

const reachWords = {
  person: 'Erases the person: profile and history.',
  profile: 'Erases the profile; its history stays.',
  identifier: 'Detaches one identifier; erases nobody.',
  nothing: 'Deletes nothing and nobody.',
} as const;

/** Where every connector stands, in numbers. */
export function connectorTable(connectors: readonly ReportConnector[]): string {
  const heads = [
    'Verified',
    'Confirmed',
    'Nothing there',
    'Accepted, not observable',
    'Open',
    'Failed',
    'Skipped',
    'Cancelled',
  ];
  const rows = connectors.map(({ summary, configured }) => {
    const title = configured?.connector.capabilities.title;
    const name = `${escapeHtml(summary.connector)}${title === undefined ? '' : `<span class="note">${escapeHtml(title)}</span>`}`;
    return `<tr><td>${name}${notesOf(summary)}</td>${countsOf(summary).join('')}</tr>`;
  });
  return `<table><thead><tr><th>Connector</th>${heads.map((head) => `<th class="number">${head}</th>`).join('')}</tr></thead><tbody>
${rows.join('\n')}
</tbody></table>`;
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

function notesOf(summary: ConnectorSummary): string {
  const notes = summary.reasons.map(
    ({ state, reason, count }) => `${countWords(count)} ${stateWords[state].title}: ${describeReason(reason)}`,
  );
  if (summary.paused !== undefined) notes.unshift(`Paused: ${summary.paused.message}`);
  return notes.map((note) => `<span class="note">${escapeHtml(note)}</span>`).join('');
}

/** What every connector erases and leaves behind. */
export function connectorCards(connectors: readonly ReportConnector[]): string {
  return `<div class="cards">\n${connectors.map(card).join('\n')}\n</div>`;
}

function card({ summary, configured }: ReportConnector): string {
  const name = escapeHtml(summary.connector);
  if (configured === undefined) {
    return `<section class="card"><h3>${name}</h3><p class="soft">Not configured any more, or not loadable here: what it erases is not known.</p></section>`;
  }
  const { vendor, operation, capabilities } = configured.connector;
  return `<section class="card"><h3>${name}</h3>
<p>${escapeHtml(capabilities.title)} <span class="soft">(${escapeHtml(vendor)}, ${escapeHtml(operation)})</span></p>
<p>${reachWords[capabilities.reach]}</p>
<h4>Erased</h4>${list(capabilities.erases)}<h4>Kept by the vendor, or left to do</h4>${list(capabilities.leaves)}</section>`;
}

function list(sentences: readonly string[]): string {
  return `<ul>${sentences.map((sentence) => `<li>${escapeHtml(sentence)}</li>`).join('')}</ul>`;
}

/** What the words of the report mean. */
export function wordList(): string {
  const assurances = Object.entries(assuranceWords).map(([word, meaning]) => [word, meaning] as const);
  const states = Object.values<StateWords>(stateWords).map(({ title, explanation }) => [title, explanation] as const);
  const entry = ([word, meaning]: readonly [string, string]) =>
    `<dt>${escapeHtml(word)}</dt><dd>${escapeHtml(meaning)}</dd>`;
  return `<h3>How it is known</h3><dl>${assurances.map(entry).join('')}</dl>
<h3>Where it stands</h3><dl>${states.map(entry).join('')}</dl>`;
}
