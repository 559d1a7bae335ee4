import type { ExitCode } from '../exit-codes.ts';
import { type Colors, colorsFor } from '../output/colors.ts';
import { createMessages, type Messages } from '../output/messages.ts';
import { printJsonText, printLines } from '../output/print.ts';
import type { ProcessEnvironment } from '../process-environment.ts';

/** The options that every command takes. */
export interface SharedOptions {
  /** The path of `--config`. */
  readonly config?: string | undefined;
  /** One JSON document on standard output, and nothing else there. */
  readonly json?: boolean | undefined;
  /** Warnings and errors only. */
  readonly quiet?: boolean | undefined;
  /** Who gives the command, for the audit log. */
  readonly actor?: string | undefined;
}

/** What a command works with. */
export interface CommandContext {
  /** The process around it. */
  readonly processEnvironment: ProcessEnvironment;
  /** The options that every command takes. */
  readonly shared: SharedOptions;
  /** Messages, on standard error. */
  readonly messages: Messages;
  /** The colors of standard output. */
  readonly colors: Colors;
  /** Prints a result for people on standard output; nothing with `--json`. */
  print(text: string): void;
  /** Prints the one JSON document; nothing without `--json`. */
  printJson(value: unknown): void;
}

/** A command: takes its own arguments and says the exit code. */
export type Command<Arguments> = (context: CommandContext, commandArguments: Arguments) => Promise<ExitCode>;

/** Makes the context of one command. */
export function createContext(processEnvironment: ProcessEnvironment, shared: SharedOptions): CommandContext {
  const messages = createMessages({
    stream: processEnvironment.messages,
    environment: processEnvironment.environment,
    // With --json, machines read the one stream and people the other.
    quiet: shared.quiet === true,
  });
  return {
    processEnvironment,
    shared,
    messages,
    colors: colorsFor(processEnvironment.output, processEnvironment.environment),
    print(text) {
      if (shared.json !== true) printLines(processEnvironment.output, messages.redact(text));
    },
    printJson(value) {
      if (shared.json === true)
        printJsonText(processEnvironment.output, `${messages.redact(JSON.stringify(value, undefined, 2))}\n`);
    },
  };
}
