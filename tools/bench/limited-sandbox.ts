import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { firstLine } from './vendor-process.ts';

const program = fileURLToPath(new URL('./programs/limited-sandbox.ts', import.meta.url));

/** A call that the sandbox's vendor got. */
export interface LoggedCall {
  readonly method: string;
  readonly path: string;
  /** The query as sent, without the question mark. */
  readonly query: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
  /** When it came, in milliseconds. */
  readonly at: number;
  /** When it was answered. */
  readonly answeredAt?: number;
  /** How it was answered. */
  readonly status?: number;
}

/** One vendor of the sandbox with its documented limits, in a process of its own. */
export interface LimitedSandbox {
  readonly url: string;
  /** Puts people into its memory. */
  seed(people: readonly object[]): Promise<void>;
  /** What it still holds about these ids, in their order. */
  lookup(ids: readonly string[]): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Lets the vendor's own time pass. */
  advance(ms: number): Promise<void>;
  /** Every call, in the order of arrival. */
  calls(): Promise<readonly LoggedCall[]>;
  close(): Promise<void>;
}

/** Starts it. `settings` are those of `startSandbox`. */
export async function startLimitedSandbox(options: {
  readonly vendor: string;
  readonly latencyMs: number;
  readonly settings?: object;
}): Promise<LimitedSandbox> {
  const child = spawn(process.execPath, [program, JSON.stringify(options)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = await firstLine(child.stdout);
  const ask = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const response = await fetch(`${url}/_sandbox/${path}`, init);
    const reply: unknown = await response.json();
    if (!response.ok) throw new Error(`The sandbox refuses ${path}: ${JSON.stringify(reply)}`);
    return reply;
  };
  return {
    url,
    async seed(people) {
      await ask('POST', 'people', people);
    },
    lookup: async (ids) =>
      ((await ask('POST', 'lookup', { ids })) as { results: Readonly<Record<string, unknown>>[] }).results,
    async advance(ms) {
      await ask('POST', 'advance', { ms });
    },
    calls: async () => ((await ask('GET', 'requests')) as { requests: LoggedCall[] }).requests,
    async close() {
      child.stdin.end();
      await ended;
    },
  };
}
