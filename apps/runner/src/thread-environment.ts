import { Readable } from 'node:stream';
import type { MessagePort } from 'node:worker_threads';
import type { OutputStream, ProcessEnvironment } from './process-environment.ts';
import type { FromThread, TerminalSize, ThreadStart, ToThread } from './thread-messages.ts';
import { systemUserName } from './user-name.ts';

/** What a command sees of the process around it, in a thread of its own. */
export function threadEnvironment(port: MessagePort, start: ThreadStart): ProcessEnvironment {
  const stop = new AbortController();
  const tell = (message: FromThread) => port.postMessage(message);
  // As long as it waits for an answer it is not done, and otherwise the port must not keep it.
  const awaited = new Set<string>();
  const ask = (what: string, message: FromThread) => {
    awaited.add(what);
    port.ref();
    tell(message);
  };
  const answered = (what: string) => {
    awaited.delete(what);
    if (awaited.size === 0) port.unref();
  };
  const input = new Readable({ read: () => ask('input', { type: 'wants-input' }) });
  const beginning = new Map<string, () => void>();
  const output = withSize(process.stdout, start.output);
  const messages = withSize(process.stderr, start.messages);
  port.on('message', (message: ToThread) => {
    switch (message.type) {
      case 'input':
        answered('input');
        input.push(message.piece ?? null);
        return;
      case 'input-broken':
        input.destroy(Object.assign(new Error('Standard input is broken.'), { code: message.code }));
        return;
      case 'resized':
        withSize(process.stdout, message.output);
        withSize(process.stderr, message.messages);
        return;
      case 'file-known':
        answered(message.path);
        beginning.get(message.path)?.();
        beginning.delete(message.path);
        return;
      case 'stop':
        stop.abort();
    }
  });
  port.unref();
  return {
    workingFolder: process.cwd(),
    environment: process.env,
    userName: systemUserName(),
    input: Object.assign(input, { isTTY: start.hasInputTerminal }),
    output,
    messages,
    now: () => Date.now(),
    stopSignal: () => {
      tell({ type: 'stops-gracefully' });
      return stop.signal;
    },
    removeAtExit: async (path) => {
      await new Promise<void>((resolve) => {
        beginning.set(path, resolve);
        ask(path, { type: 'begins-file', path });
      });
      return () => tell({ type: 'ended-file', path });
    },
  };
}

// A thread's own streams go to those of the process, and know nothing of a terminal at their end.
function withSize(stream: NodeJS.WritableStream, size: TerminalSize): OutputStream {
  return Object.assign(stream as OutputStream, size);
}
