import { createLogUpdate } from 'log-update';
import type { OutputStream } from '../process-environment.ts';
import type { Messages } from './messages.ts';
import { printableLines } from './printable.ts';
import { progressLine, renderBars, type ShownProgress } from './progress-line.ts';

/** Shows how far a run is. */
export interface ProgressDisplay {
  /** How often `update` should be called, in milliseconds. */
  readonly everyMs: number;
  /** Shows where everything stands now. */
  update(progress: readonly ShownProgress[]): void;
  /** Shows where everything stands at the end, and releases the terminal. */
  end(progress: readonly ShownProgress[]): void;
}

/** Bars on a terminal, plain lines in a pipe, nothing with `--quiet`. */
export function createProgressDisplay(options: {
  readonly stream: OutputStream;
  readonly messages: Messages;
  readonly quiet: boolean;
  readonly now: () => number;
}): ProgressDisplay {
  if (options.quiet) return { everyMs: 1000, update: () => undefined, end: () => undefined };
  // A terminal without any height (some build servers have one) would swallow bars whole.
  const hasBars = options.stream.isTTY === true && options.stream.rows !== 0;
  return hasBars ? createBars(options) : createLines(options);
}

function createBars(options: { stream: OutputStream; messages: Messages; now: () => number }): ProgressDisplay {
  const bars = createLogUpdate(options.stream);
  const draw = (progress: readonly ShownProgress[]) =>
    bars(printableLines(renderBars(progress, options.messages.colors, options.now())));
  options.messages.divert((text) => bars.persist(text));
  return {
    everyMs: 100,
    update: draw,
    end(progress) {
      draw(progress);
      bars.done();
      options.messages.divert(undefined);
    },
  };
}

// In a log every line stays, so a line comes only when it says something new, and not too often.
const linesEveryMs = 5000;

function createLines(options: { messages: Messages; now: () => number }): ProgressDisplay {
  const lastLines = new Map<string, string>();
  let lastAt = options.now();
  const print = (progress: readonly ShownProgress[]) => {
    for (const connector of progress) {
      const line = progressLine(connector, options.now());
      if (lastLines.get(connector.connector) === line) continue;
      lastLines.set(connector.connector, line);
      options.messages.info(line);
    }
  };
  return {
    everyMs: 500,
    update(progress) {
      if (options.now() - lastAt < linesEveryMs) return;
      lastAt = options.now();
      print(progress);
    },
    end: print,
  };
}
