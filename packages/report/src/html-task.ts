import type { ConnectorCapabilities } from '@expunge/core';
import type { TaskRow } from '@expunge/engine';
import { escapeHtml } from './escape-html.ts';
import type { ReportContents } from './report-contents.ts';
import { describeReason, onHoldTitle, type StateGroup, stateTitle, stateWords } from './state-words.ts';

/** The color class of a group. The words stand there as well: colors alone tell some people nothing. */
const classOf: Readonly<Record<StateGroup, string>> = { done: 'good', open: 'wait', failed: 'bad', idle: 'idle' };

/** The color class of a deadline's state. */
export const deadlineClasses = {
  'settled-in-time': 'good',
  'settled-late': 'bad',
  'settled-undone': 'bad',
  'called-back': 'bad',
  'nothing-sent': 'bad',
  'on-track': 'idle',
  'due-soon': 'wait',
  overdue: 'bad',
} as const;

/** Whether nothing more happens to a deletion unless somebody acts. */
export function needsSomebody(task: TaskRow): boolean {
  if (stateWords[task.state].group === 'failed') return true;
  return task.state === 'needs-review';
}

/** How far the deletion of a connector reaches; undefined where that is not known here. */
export function reachOf(connector: string, contents: ReportContents): ConnectorCapabilities['reach'] | undefined {
  const found = contents.connectors.find(({ summary }) => summary.connector === connector);
  return found?.configured?.connector.capabilities.reach;
}

/** The state of a deletion and its assurance. */
export function stateHtml(task: TaskRow, contents: ReportContents): string {
  const { group } = stateWords[task.state];
  const title = task.isOnHold ? onHoldTitle : stateTitle(task, reachOf(task.connector, contents));
  const assurance = task.assurance === undefined || task.assurance === 'accepted' ? '' : `, ${task.assurance}`;
  const type = task.targetType === undefined ? '' : ` title="by ${escapeHtml(task.targetType)}"`;
  return `<span class="${classOf[group]}"${type}>${escapeHtml(title)}${assurance}</span>`;
}

/** Why a deletion stands where it stands, in lines. */
export function whyHtml(task: TaskRow): string {
  const notes: string[] = [];
  if (task.reason !== undefined) notes.push(describeReason(task.reason));
  if (task.message !== undefined) notes.push(task.message);
  if (task.readBefore === 'unread' && task.unreadReason !== undefined) {
    notes.push(`not read before the deletion: ${describeReason(task.unreadReason)}`);
  }
  if (task.vendorStatus !== undefined) notes.push(`vendor's word: ${task.vendorStatus}`);
  for (const part of task.parts ?? []) {
    if (part.state !== 'deleted') notes.push(`${part.name}: ${part.state} (${part.vendorStatus})`);
  }
  if (task.nextAt !== undefined) notes.push(`goes on at ${task.nextAt.slice(0, 16).replace('T', ' ')} UTC`);
  return notes.map((note) => `<span class="note">${escapeHtml(note)}</span>`).join('');
}

/** A time to the minute, in UTC. */
export function timeHtml(at: string): string {
  const iso = new Date(at).toISOString();
  return `<time datetime="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC</time>`;
}

/** A time to the day, in UTC; the attribute has the rest. */
export function dayHtml(at: string): string {
  const iso = new Date(at).toISOString();
  return `<time datetime="${iso}">${iso.slice(0, 10)}</time>`;
}
