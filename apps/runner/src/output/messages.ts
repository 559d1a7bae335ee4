import type { OutputStream } from '../process-environment.ts';
import { type Colors, colorsFor } from './colors.ts';
import { printLines } from './print.ts';
import { printableLine } from './printable.ts';
import { createRedact, type Redact } from './redact.ts';

/** Writes messages for people to standard error, and nothing else there. */
export interface Messages {
  /** What goes on. Left out with `--quiet`. */
  info(text: string): void;
  /** What somebody should look at. */
  warn(text: string): void;
  /** What went wrong, with lines that say more. */
  error(...lines: readonly string[]): void;
  /** Blanks these out from now on, too. */
  hide(secrets: readonly string[]): void;
  /** The redaction in force. */
  redact(text: string): string;
  /** The colors of standard error. */
  readonly colors: Colors;
  /** Sends whole lines somewhere else, while progress bars hold the terminal. Undefined: to the stream. */
  divert(write: ((text: string) => void) | undefined): void;
}

/** How messages are written. */
export interface MessagesOptions {
  /** Where to. */
  readonly stream: OutputStream;
  /** For `NO_COLOR` and its relatives. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Leave out everything but warnings and errors. */
  readonly quiet: boolean;
}

/** Makes the one place where messages are written. */
export function createMessages(options: MessagesOptions): Messages {
  const colors = colorsFor(options.stream, options.environment);
  let redact: Redact = createRedact([]);
  let hidden: readonly string[] = [];
  let diverted: ((text: string) => void) | undefined;
  const write = (...lines: readonly string[]) => {
    const text = lines.map((line) => printableLine(redact(line))).join('\n');
    if (diverted === undefined) printLines(options.stream, `${text}\n`);
    else diverted(text);
  };
  return {
    colors,
    info(text) {
      if (!options.quiet) write(text);
    },
    warn(text) {
      write(`${colors.yellow('warning:')} ${text}`);
    },
    error(first = '', ...more) {
      write(`${colors.red('error:')} ${first}`, ...more);
    },
    hide(secrets) {
      hidden = [...hidden, ...secrets];
      redact = createRedact(hidden);
    },
    redact: (text) => redact(text),
    divert(writeLine) {
      diverted = writeLine;
    },
  };
}
