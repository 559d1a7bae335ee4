/** The size of a terminal; of anything else, nothing. */
export interface TerminalSize {
  readonly isTTY: boolean;
  readonly columns: number | undefined;
  readonly rows: number | undefined;
}

/** What the thread of a command is told by the process's own thread. */
export type ToThread =
  /** A piece of standard input; undefined: its end. */
  | { readonly type: 'input'; readonly piece: Uint8Array | undefined }
  /** Standard input can't be read any further: that is not its end. */
  | { readonly type: 'input-broken'; readonly code: string }
  /** The terminal has another size. */
  | { readonly type: 'resized'; readonly output: TerminalSize; readonly messages: TerminalSize }
  /** The file that it begins is removed when the process ends before it is whole. */
  | { readonly type: 'file-known'; readonly path: string }
  /** Somebody asks it to stop. */
  | { readonly type: 'stop' };

/** What it tells. */
export type FromThread =
  /** It wants a piece of standard input, which nobody reads before: a process in the background would be stopped. */
  | { readonly type: 'wants-input' }
  /** From now on it stops by itself when it is asked to. */
  | { readonly type: 'stops-gracefully' }
  /** It is about to write a file, and waits until that is known. */
  | { readonly type: 'begins-file'; readonly path: string }
  /** The file is whole, or removed. */
  | { readonly type: 'ended-file'; readonly path: string };

/** What the thread starts with. */
export interface ThreadStart {
  readonly hasInputTerminal: boolean;
  readonly output: TerminalSize;
  readonly messages: TerminalSize;
}

/** How large a stream is, if it is a terminal. */
export function sizeOf(stream: { isTTY?: boolean; columns?: number; rows?: number }): TerminalSize {
  return { isTTY: stream.isTTY === true, columns: stream.columns, rows: stream.rows };
}
