import type { ConnectorSummary, Ledger } from '@expunge/engine';
import { countGroup } from '@expunge/report/words';
import type { RequestScope } from '../run-result.ts';
import type { CommandContext } from './command-context.ts';
import { readNotes } from './ledger-notes.ts';
import type { OpenLedger } from './open-ledger.ts';
import { type RunEnd, statusOf } from './run-engine.ts';

/** How long a command follows what workers do. */
export interface FollowOptions {
  /** The list whose requests it is about; left out: the whole ledger. */
  readonly importId?: number | undefined;
  /** It ends when nothing has happened for as long as this, or nothing is due for longer, in milliseconds. */
  readonly waitAtMostMs: number;
}

/** How often the ledger is asked, in milliseconds. */
const lookEveryMs = 1000;

// What is asked of a large list reads all of it: it must not keep the database busy all the time.
const shareOfLooking = 0.1;

/**
 * Shows what the workers of a fleet do, until all is settled, everything waits for a vendor, nothing moves any more, or
 * somebody asks it to stop. The work goes on without it.
 */
export async function follow(context: CommandContext, open: OpenLedger, options: FollowOptions): Promise<RunEnd> {
  const { processEnvironment, messages } = context;
  const { ledger, clock } = open;
  const { createProgressDisplay } = await import('../output/progress-display.ts');
  const signal = processEnvironment.stopSignal();
  const onStop = () =>
    messages.info('No longer following. The workers go on; "expunge status" tells how far they are.');
  signal.addEventListener('abort', onStop, { once: true });
  const display = createProgressDisplay({
    stream: processEnvironment.messages,
    messages,
    quiet: context.shared.quiet === true,
    now: () => clock.now(),
  });
  let connectors: readonly ConnectorSummary[] = [];
  let scope: RequestScope | undefined;
  let last = '';
  let movedAt = clock.now();
  let isIdle = false;
  try {
    for (;;) {
      const beganAt = clock.now();
      ({ connectors, scope } = await look(ledger, options.importId));
      display.update(connectors);
      const now = clock.now();
      const states = JSON.stringify(connectors.map((each) => [each.connector, each.states, each.paused?.code]));
      if (states !== last) movedAt = now;
      last = states;
      isIdle = now - movedAt >= options.waitAtMostMs;
      if (signal.aborted || isIdle || !isGoingOn(connectors, now + options.waitAtMostMs)) break;
      await clock.sleep(Math.max(lookEveryMs, (now - beganAt) / shareOfLooking), signal);
    }
  } finally {
    signal.removeEventListener('abort', onStop);
    display.end(connectors);
  }
  if (isIdle && hasDue(connectors, clock.now())) {
    messages.warn(
      'Nothing has moved for a while although something is due. Is a worker running ("expunge work")? "expunge queue" shows what waits.',
    );
  }
  const { requests } = await ledger.summary(clock.now());
  const notes = await readNotes(ledger);
  const whole = { ...requests, cutOff: notes.cutOffImports.length, isList: false };
  return { wasStopped: signal.aborted, requests, connectors, notes, scope: scope ?? whole };
}

/** Where everything stands now, without following it. */
export async function status({ ledger, clock }: OpenLedger, importId?: number): Promise<RunEnd> {
  return { wasStopped: false, ...(await statusOf(ledger, importId, clock.now())) };
}

interface Look {
  readonly connectors: readonly ConnectorSummary[];
  /** The requests of the list; undefined where it is about the whole ledger. */
  readonly scope: RequestScope | undefined;
}

async function look(ledger: Ledger, importId: number | undefined): Promise<Look> {
  if (importId === undefined) return { connectors: await ledger.connectorSummaries(), scope: undefined };
  const { connectors, requests } = await ledger.importSummary(importId);
  return { connectors, scope: { ...requests, cutOff: 0, isList: true } };
}

// Whether something is on its way, or becomes due before a time.
function isGoingOn(connectors: readonly ConnectorSummary[], until: number): boolean {
  return connectors.some((each) => {
    if (each.paused !== undefined || countGroup(each.states, 'open') === 0) return false;
    return (each.states.submitting ?? 0) > 0 || (each.nextAt !== undefined && Date.parse(each.nextAt) <= until);
  });
}

function hasDue(connectors: readonly ConnectorSummary[], now: number): boolean {
  return connectors.some(
    ({ states, paused, nextAt }) =>
      paused === undefined && countGroup(states, 'open') > 0 && nextAt !== undefined && Date.parse(nextAt) <= now,
  );
}
