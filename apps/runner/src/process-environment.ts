import type { Readable, Writable } from 'node:stream';

/** A stream that may be a terminal. */
export type OutputStream = Writable & {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
};

/** What a command sees of the process around it. Only `main.ts` fills it; tests bring their own. */
export interface ProcessEnvironment {
  /** Where relative paths of the command line start. */
  readonly workingFolder: string;
  /** The environment variables. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The user's name in the operating system. */
  readonly userName: string;
  /** Standard input. */
  readonly input: Readable & { readonly isTTY?: boolean | undefined };
  /** Standard output: results only. */
  readonly output: OutputStream;
  /** Standard error: progress and messages. */
  readonly messages: OutputStream;
  /** Now, in milliseconds since 1970. */
  readonly now: () => number;
  /**
   * From this call on, the first SIGINT, SIGTERM or SIGHUP aborts the signal instead of ending the process.
   * Only work that ends soon after asks for it.
   */
  readonly stopSignal: () => AbortSignal;
  /**
   * Has a file that is about to be written removed if the process ends before it is whole, by a signal or by an error. What it
   * returns lets go of the file.
   */
  readonly removeAtExit: (path: string) => Promise<() => void>;
}
