import type { ConnectorCapabilities } from '@expunge/core';
import type { ConnectorSummary } from '@expunge/engine';
import {
  countGroup,
  describeReason,
  describeUnread,
  noneFoundWords,
  stateTitle,
  stateWords,
} from '@expunge/report/words';
import type { Colors } from './colors.ts';
import { dueWords } from './due-words.ts';
import { printableLine } from './printable.ts';
import { type Column, countWords, plural, renderTable } from './table.ts';

interface CountColumn {
  readonly title: string;
  readonly count: (connector: ConnectorSummary) => number;
  readonly isAlwaysShown?: boolean;
  readonly paint: (colors: Colors) => (text: string) => string;
}

const countColumns: readonly CountColumn[] = [
  { title: 'verified', count: ({ assurances }) => assurances.verified ?? 0, paint: (colors) => colors.green },
  { title: 'confirmed', count: deletedConfirmed, isAlwaysShown: true, paint: (colors) => colors.green },
  { title: 'nothing there', count: ({ states }) => states.absent ?? 0, paint: (colors) => colors.green },
  { title: 'accepted*', count: ({ states }) => states.accepted ?? 0, paint: (colors) => colors.cyan },
  {
    title: 'waiting',
    count: ({ states }) => countGroup(states, 'open'),
    isAlwaysShown: true,
    paint: (colors) => colors.yellow,
  },
  {
    title: 'failed',
    count: ({ states }) => countGroup(states, 'failed'),
    isAlwaysShown: true,
    paint: (colors) => colors.red,
  },
  { title: 'skipped', count: ({ states }) => states.skipped ?? 0, paint: (colors) => colors.yellow },
  { title: 'cancelled', count: ({ states }) => states.cancelled ?? 0, paint: (colors) => colors.yellow },
];

/** How far each connector's deletion reaches, by the connector's name. */
export type Reaches = ReadonlyMap<string, ConnectorCapabilities['reach']>;

/** Where these connectors' deletions stand, as a table with its footnotes. */
export function renderSummary(
  connectors: readonly ConnectorSummary[],
  colors: Colors,
  nowMs: number,
  reaches: Reaches = new Map(),
): string {
  const shown = countColumns.filter(
    (column) => column.isAlwaysShown || connectors.some((connector) => column.count(connector) > 0),
  );
  const columns: Column[] = [
    { title: 'connector' },
    ...shown.map((column): Column => ({ title: column.title, align: 'right' })),
  ];
  const rows = connectors.map((connector) => [
    connector.connector,
    ...shown.map((column) => {
      const count = column.count(connector);
      return count === 0 ? colors.dim('0') : column.paint(colors)(countWords(count));
    }),
  ]);
  const notes = connectors.flatMap((connector) => [
    ...reachNotes(connector, reaches),
    ...connectorNotes(connector, colors, nowMs),
  ]);
  const hasAccepted = connectors.some((connector) => (connector.states.accepted ?? 0) > 0);
  const words = hasAccepted
    ? [colors.dim('* accepted: the vendor took it; whether it finished cannot be observed.')]
    : [];
  const footnotes = [...notes, ...words].map((note) => `  ${printableLine(note)}\n`).join('');
  return `${renderTable(columns, rows)}${footnotes === '' ? '' : `\n${footnotes}`}`;
}

function deletedConfirmed({ states, assurances }: ConnectorSummary): number {
  return Math.max(0, (states.deleted ?? 0) - (assurances.verified ?? 0));
}

// What counts as done there is no deletion of anybody, and must not be read as one.
function reachNotes({ connector, states }: ConnectorSummary, reaches: Reaches): string[] {
  if (countGroup(states, 'done') === 0) return [];
  switch (reaches.get(connector)) {
    case 'identifier':
      return [`${connector}: detaches identifiers; nobody is erased there`];
    case 'nothing':
      return [`${connector}: deletes nothing and nobody`];
    default:
      return [];
  }
}

function connectorNotes(connector: ConnectorSummary, colors: Colors, nowMs: number): string[] {
  const name = `${connector.connector}:`;
  const notes: string[] = [];
  const open = countGroup(connector.states, 'open');
  if (connector.paused !== undefined && open > 0) {
    notes.push(`${colors.red(name)} paused (${connector.paused.code}). ${connector.paused.message}`);
  }
  if (connector.onHold > 0) {
    notes.push(`${colors.yellow(name)} ${countWords(connector.onHold)} on hold: "expunge hold list" says why`);
  }
  if (connector.noneFound !== undefined) {
    notes.push(colors.red(noneFoundWords({ connector: connector.connector, noneFound: connector.noneFound })));
  }
  for (const { state, reason, count } of connector.reasons) {
    const paint = stateWords[state].group === 'failed' ? colors.red : colors.yellow;
    const title = stateTitle({ state, reason }, undefined);
    notes.push(`${paint(name)} ${countWords(count)} ${title}: ${describeReason(reason)}`);
  }
  for (const unread of connector.unread) notes.push(`${colors.yellow(name)} ${describeUnread(unread)}`);
  if (connector.paused === undefined && open > 0 && connector.nextAt !== undefined) {
    notes.push(`${colors.yellow(name)} ${plural(open, 'deletion')} open, ${dueWords(connector.nextAt, nowMs)}`);
  }
  return notes;
}
