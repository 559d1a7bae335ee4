import type { ConnectorSummary, EngineEvent, Ledger, LedgerSummary } from '@expunge/engine';
import { createEventReporter } from '../output/event-reporter.ts';
import type { RequestScope } from '../run-result.ts';
import type { CommandContext } from './command-context.ts';
import { type LedgerNotes, readNotes } from './ledger-notes.ts';
import type { OpenEngine } from './open-engine.ts';

/** Receives the engine's events before and while it runs. */
export interface EventSink {
  /** For the engine. */
  readonly onEvent: (event: EngineEvent) => void;
  /** Says what was left out so far. */
  readonly end: () => void;
}

/** Makes the sink that turns events into messages. */
export function createEventSink(context: CommandContext): EventSink {
  const reporter = createEventReporter(context.messages, context.processEnvironment.now);
  return { onEvent: (event) => reporter.take(event), end: () => reporter.end() };
}

/** How long a command waits for the next thing to become due unless it is told otherwise, in milliseconds. */
export const defaultWaitMs = 30_000;

/** What a run came to, and where everything stands after it. */
export interface RunEnd {
  /** Whether somebody stopped it. */
  readonly wasStopped: boolean;
  /** Where the deletions that the command is about stand. */
  readonly connectors: readonly ConnectorSummary[];
  /** The requests that the command is about. */
  readonly scope: RequestScope;
  /** Requests in the whole ledger. */
  readonly requests: LedgerSummary['requests'];
  /** What does not show in the states of deletions. */
  readonly notes: LedgerNotes;
}

/**
 * Runs the engine with its progress on display, until it ends or somebody asks it to stop.
 *
 * @param options - `importId`: the list whose requests the command is about; left out: the whole ledger.
 */
export async function runEngine(
  context: CommandContext,
  open: OpenEngine,
  sink: EventSink,
  options: { readonly waitAtMostMs: number; readonly importId?: number | undefined },
): Promise<RunEnd> {
  const { processEnvironment, messages } = context;
  const { engine, ledger } = open;
  const { createProgressDisplay } = await import('../output/progress-display.ts');
  const signal = processEnvironment.stopSignal();
  const display = createProgressDisplay({
    stream: processEnvironment.messages,
    messages,
    quiet: context.shared.quiet === true,
    now: processEnvironment.now,
  });
  const onStop = () =>
    messages.info('Stopping after the calls in flight. A second signal ends at once; nothing is lost either way.');
  signal.addEventListener('abort', onStop, { once: true });
  const timer = setInterval(() => display.update(engine.progress()), display.everyMs);
  try {
    const report = await engine.run({ signal, waitAtMostMs: options.waitAtMostMs });
    return { wasStopped: report.wasStopped, ...(await statusOf(ledger, options.importId)) };
  } finally {
    clearInterval(timer);
    signal.removeEventListener('abort', onStop);
    display.end(engine.progress());
    sink.end();
  }
}

/** Where the requests of an import stand, or all of the ledger; and how many requests the whole ledger has. */
export async function statusOf(
  ledger: Ledger,
  importId: number | undefined,
  now?: number,
): Promise<Omit<RunEnd, 'wasStopped'>> {
  const { requests, connectors } = await ledger.summary(now);
  const notes = await readNotes(ledger);
  const cutOff = notes.cutOffImports.length;
  if (importId === undefined) return { requests, connectors, notes, scope: { ...requests, cutOff, isList: false } };
  const list = await ledger.importSummary(importId);
  // The list itself came in to its end.
  return { requests, connectors: list.connectors, notes, scope: { ...list.requests, cutOff: 0, isList: true } };
}
