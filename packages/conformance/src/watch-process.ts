import { fileURLToPath } from 'node:url';

/** What was done to the process while it was watched. */
export interface ProcessWatch {
  /** What was read from the environment, and where, by code outside of node_modules. */
  readonly reads: readonly { readonly name: string; readonly place: string }[];
  /** What was written to the console or to the standard streams. */
  readonly writes: readonly string[];
  /** Ends watching. To be called in any case. */
  end(): void;
}

/** Where connectors print when somebody forgot to take it out. */
const methods = ['log', 'info', 'warn', 'error', 'debug', 'trace', 'dir', 'table'] as const;

/** Watches the environment, the console and the standard streams. One at a time. */
export function watchProcess(): ProcessWatch {
  const reads: { name: string; place: string }[] = [];
  const writes: string[] = [];
  const { env } = process;
  const stdout = process.stdout.write;
  const stderr = process.stderr.write;
  // What a connector may print to is watched, and nothing is printed.
  const printer = globalThis.console;
  const originals = methods.map((method) => [method, printer[method]] as const);

  const noteRead = (name: string | symbol) => {
    const place = typeof name === 'string' ? callerOutside() : undefined;
    if (place !== undefined) reads.push({ name: String(name), place });
  };
  process.env = new Proxy(env, {
    get(target, name, receiver) {
      noteRead(name);
      return Reflect.get(target, name, receiver);
    },
    has(target, name) {
      noteRead(name);
      return Reflect.has(target, name);
    },
    ownKeys(target) {
      noteRead('*');
      return Reflect.ownKeys(target);
    },
  });
  for (const method of methods) {
    printer[method] = () => {
      writes.push(`console.${method}`);
    };
  }
  process.stdout.write = watchedWrite('stdout', writes);
  process.stderr.write = watchedWrite('stderr', writes);

  return {
    reads,
    writes,
    end() {
      process.env = env;
      process.stdout.write = stdout;
      process.stderr.write = stderr;
      for (const [method, original] of originals) printer[method] = original;
    },
  };
}

function watchedWrite(name: 'stdout' | 'stderr', writes: string[]): typeof process.stdout.write {
  const stream = process[name];
  const { write } = stream;
  const watched = (...call: Parameters<typeof write>) => {
    // The test runner writes too.
    if (callerOutside() === undefined) return write.apply(stream, call);
    writes.push(`process.${name}`);
    return true;
  };
  return watched as typeof write;
}

// All of this package, where it is built into one file.
const ownFile = fileURLToPath(import.meta.url);

/** Who called, where that is neither Node, nor an installed package, nor this file. */
function callerOutside(): string | undefined {
  const lines = (new Error('where').stack ?? '').split('\n').slice(1);
  const callers = lines.filter((line) => !line.includes(ownFile) && !/\(?node:|<anonymous>/.test(line));
  const [first] = callers;
  return first === undefined || first.includes('node_modules') ? undefined : first.trim().replace(/^at /, '');
}
