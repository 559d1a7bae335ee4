import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Judgement } from './judge-calls.ts';

const program = fileURLToPath(new URL('./programs/bench-vendor.ts', import.meta.url));

/** What a vendor was asked, and what that cost it. */
export interface VendorUsage {
  /** Calls that were taken. */
  readonly calls: number;
  /** What its own work came to. */
  readonly cpuMs: number;
  /** When the first call had arrived, taken or refused, in milliseconds since 1970. */
  readonly firstCallAt?: number;
}

/** The lean vendor, in a process of its own. */
export interface VendorProcess {
  /** Where it listens. */
  readonly url: string;
  /** Forgets everything. `isRefusing`: it turns every call away (401), and so keeps none. */
  reset(options?: { readonly latencyMs?: number; readonly isRefusing?: boolean }): Promise<void>;
  /** What came since then. */
  usage(): Promise<VendorUsage>;
  /** Whether the first `people` were deleted, once each, and nobody else. */
  judge(people: number): Promise<Judgement>;
  /** Writes the calls to a file, for the bare loop to send again. */
  writeCalls(path: string): Promise<void>;
  /** Ends the process. */
  close(): Promise<void>;
}

/** Starts the lean vendor on a free port. */
export async function startVendor(): Promise<VendorProcess> {
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = await firstLine(child.stdout);
  const ask = async (path: string, body: object): Promise<unknown> => {
    const response = await fetch(`${url}/_bench/${path}`, { method: 'POST', body: JSON.stringify(body) });
    return await response.json();
  };
  return {
    url,
    async reset(options = {}) {
      await ask('reset', options);
    },
    usage: async () => (await ask('usage', {})) as VendorUsage,
    judge: async (people) => (await ask('judge', { people })) as Judgement,
    async writeCalls(path) {
      await ask('calls', { path });
    },
    async close() {
      child.stdin.end();
      await ended;
    },
  };
}

/** The first line that a process prints. */
export async function firstLine(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: output })) return line;
  throw new Error('A process ended before it was ready.');
}
