import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { DemoPerson } from './people.ts';

/** The vendors of the sandbox. */
export const sandboxVendors = ['mixpanel', 'clevertap', 'altcraft', 'segment'] as const;

/** One of them. */
export type SandboxVendor = (typeof sandboxVendors)[number];

/** What a vendor still holds about an id. */
export interface HeldState {
  readonly id: string;
  readonly hasProfile: boolean;
  readonly hasEvents: boolean;
  /** Segment only: the identifiers on the profile, as `email:ada@example.com`. */
  readonly externalIds?: readonly string[];
}

/** How often a vendor answered a route in which way. */
export interface RequestCount {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly count: number;
}

/** One request as a vendor saw it. */
export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  /** How it was answered; nothing where it was not. */
  readonly status?: number;
  /** The fault that hit it. */
  readonly fault?: string;
}

/** The fake vendors, in a process of their own. */
export interface SandboxProcess {
  /** Where each of them listens. */
  readonly url: Readonly<Record<SandboxVendor, string>>;
  /** Fills every memory with these people. */
  seed(people: readonly DemoPerson[]): Promise<void>;
  /** What a vendor still holds, in the order asked. */
  lookup(vendor: SandboxVendor, ids: readonly string[]): Promise<readonly HeldState[]>;
  /** What a vendor was asked. */
  requestCounts(vendor: SandboxVendor): Promise<readonly RequestCount[]>;
  /** The requests that a vendor received, oldest first. */
  requests(vendor: SandboxVendor): Promise<readonly ReceivedRequest[]>;
  /** Makes a vendor fail. */
  fail(vendor: SandboxVendor, rule: object): Promise<void>;
  /** Lets a vendor recover. */
  recover(vendor: SandboxVendor): Promise<void>;
  /** Ends the process. */
  close(): Promise<void>;
}

/**
 * Starts the fake vendors on free ports, with a vendor's day passing in `daySeconds`. Each answer takes `latencyMs`; each
 * vendor remembers at least the last `keptRequests`.
 */
export async function startSandboxProcess(
  cliPath: string,
  daySeconds: number,
  { latencyMs = 0, keptRequests = 20_000 }: { readonly latencyMs?: number; readonly keptRequests?: number } = {},
): Promise<SandboxProcess> {
  const times = ['--day-seconds', String(daySeconds), '--latency-ms', String(latencyMs)];
  const memory = ['--kept-requests', String(keptRequests)];
  const child = spawn(process.execPath, [cliPath, '--port-base', '0', '--json', ...times, ...memory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await readyLine(child);
  const ask = async (vendor: SandboxVendor, method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${url[vendor]}/_sandbox/${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const reply: unknown = await response.json();
    if (!response.ok) throw new Error(`The sandbox's ${vendor} refuses ${path}: ${JSON.stringify(reply)}`);
    return reply;
  };
  return {
    url,
    async seed(people) {
      for (const vendor of sandboxVendors) await ask(vendor, 'POST', 'people', people.map(memoryForm[vendor]));
    },
    async lookup(vendor, ids) {
      const reply = (await ask(vendor, 'POST', 'lookup', { ids })) as { results: HeldState[] };
      return reply.results;
    },
    async requestCounts(vendor) {
      const reply = (await ask(vendor, 'GET', 'requests?summary=1')) as { counts: RequestCount[] };
      return reply.counts;
    },
    async requests(vendor) {
      const reply = (await ask(vendor, 'GET', 'requests')) as { requests: ReceivedRequest[] };
      return reply.requests;
    },
    async fail(vendor, rule) {
      await ask(vendor, 'POST', 'faults', rule);
    },
    async recover(vendor) {
      await ask(vendor, 'DELETE', 'faults');
    },
    close: () => end(child),
  };
}

// How each vendor's memory takes a person in.
const memoryForm: Readonly<Record<SandboxVendor, (person: DemoPerson) => object>> = {
  mixpanel: ({ userId, email }) => ({ distinctId: userId, email }),
  clevertap: ({ userId, email }) => ({ identity: userId, email }),
  altcraft: ({ email, phone }) => ({ email, phones: [phone] }),
  segment: ({ userId, email, anonymousId }) => ({ userId, anonymousId, externalIds: [`email:${email}`] }),
};

async function readyLine(child: ChildProcess): Promise<Record<SandboxVendor, string>> {
  if (child.stdout === null) throw new Error('The sandbox has no output.');
  const lines = createInterface({ input: child.stdout });
  for await (const line of lines) {
    const { vendors } = JSON.parse(line) as { vendors: Record<SandboxVendor, { url: string }> };
    return {
      mixpanel: vendors.mixpanel.url,
      clevertap: vendors.clevertap.url,
      altcraft: vendors.altcraft.url,
      segment: vendors.segment.url,
    };
  }
  throw new Error('The sandbox ended before it was ready.');
}

function end(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      resolve();
      return;
    }
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}
