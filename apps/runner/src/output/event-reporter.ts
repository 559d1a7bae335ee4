import type { EngineEvent } from '@expunge/engine';
import { describeReason, noneFoundWords } from '@expunge/report/words';
import { whenWords } from './durations.ts';
import type { Messages } from './messages.ts';
import { plural } from './table.ts';

/** Turns the engine's events into messages, few enough to be read. */
export interface EventReporter {
  /** Takes an event. */
  take(event: EngineEvent): void;
  /** Says how many messages were left out since the last ones. */
  end(): void;
}

const oneEveryMs = 10_000;

/** Makes a reporter that prints an event of one kind, of one connector, at most every ten seconds. */
export function createEventReporter(messages: Messages, now: () => number): EventReporter {
  const printed = new Map<string, { at: number; leftOut: number; label: string }>();
  const leftOutWords = (count: number) => (count === 0 ? '' : ` (and ${plural(count, 'more time')} before)`);
  return {
    take(event) {
      const connector = 'connector' in event ? event.connector : 'ledger';
      const kind = `${event.type} ${connector} ${'code' in event ? event.code : ''}`;
      const last = printed.get(kind);
      if (last !== undefined && now() - last.at < oneEveryMs) {
        last.leftOut += 1;
        return;
      }
      printed.set(kind, { at: now(), leftOut: 0, label: `${connector}: ${labelOf(event)}` });
      const text = `${describe(event, now())}${leftOutWords(last?.leftOut ?? 0)}`;
      if (event.type === 'connector-paused') messages.error(text);
      else messages.warn(text);
    },
    end() {
      for (const { leftOut, label } of printed.values()) {
        if (leftOut > 0) messages.warn(`${label}: ${plural(leftOut, 'more time')}.`);
      }
      printed.clear();
    },
  };
}

function labelOf(event: EngineEvent): string {
  return 'code' in event ? describeReason(event.code) : event.type.replaceAll('-', ' ');
}

function describe(event: EngineEvent, nowMs: number): string {
  switch (event.type) {
    case 'connector-paused':
      return `${event.connector} is paused (${event.code}); the others go on. ${event.message}`;
    case 'connector-slowed':
      return `${event.connector} slows down and goes on ${whenWords(event.untilAt, nowMs)}. ${event.message}`;
    case 'call-failed':
      return `${event.connector}: a call for ${plural(event.targets, 'record')} failed (${event.code}). ${event.message}`;
    case 'contradiction':
      return `${event.connector}: the vendor says done, and ${plural(event.targets, 'record')} can still be found. Deleting again.`;
    case 'none-found':
      return noneFoundWords({ connector: event.connector, noneFound: event.people });
    case 'erasure-unfinished':
      return "What was erased may still be in the ledger's files, encrypted: another process is reading them, or they are too large to be written anew at once. It is tried again.";
  }
}
