import { format } from 'node:util';

const streams = ['stdout', 'stderr'] as const;
const methods = ['log', 'info', 'debug', 'warn', 'error'] as const;

/**
 * Keeps what anybody prints past the command's own streams: to this process, as a connector may. The test runner has taken
 * the console away from the process, so both are listened to.
 *
 * @returns An end to it.
 */
export function keepWhatIsPrinted(keep: (stream: (typeof streams)[number], bytes: Uint8Array) => void): () => void {
  const endings: (() => void)[] = [];
  for (const name of streams) {
    const stream = process[name];
    const { write } = stream;
    stream.write = (piece: string | Uint8Array, ...rest: readonly unknown[]) => {
      keep(name, Buffer.from(piece));
      return Reflect.apply(write, stream, [piece, ...rest]);
    };
    endings.push(() => {
      stream.write = write;
    });
  }
  for (const name of methods) {
    // biome-ignore lint/suspicious/noConsole: it listens to every caller.
    const print = console[name];
    console[name] = (...words: readonly unknown[]) => {
      keep(name === 'warn' || name === 'error' ? 'stderr' : 'stdout', Buffer.from(`${format(...words)}\n`));
    };
    endings.push(() => {
      console[name] = print;
    });
  }
  return () => {
    for (const end of endings) end();
  };
}
