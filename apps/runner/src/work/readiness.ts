import type { Readiness } from './health-server.ts';

/** What a worker is doing, as its probes see it. */
export type WorkerState =
  /** The database has not answered yet, or does not any more. */
  | { readonly type: 'unreachable' }
  /** It works; `ping` resolves when the database answers. */
  | { readonly type: 'working'; readonly ping: () => Promise<void> }
  /** It finishes the calls in flight, and takes nothing new. */
  | { readonly type: 'draining' };

const pingWithinMs = 2000;

/** Makes the answer to `/readyz` of what the worker is doing now. */
export function createReadiness(state: () => WorkerState): Readiness {
  let pinging: Promise<boolean> | undefined;
  return async () => {
    const now = state();
    if (now.type === 'draining') return 'draining';
    if (now.type === 'unreachable') return 'database-unreachable';
    // Many probes at a time are one question to the database.
    pinging ??= answers(now.ping).finally(() => {
      pinging = undefined;
    });
    return (await pinging) ? undefined : 'database-unreachable';
  };
}

async function answers(ping: () => Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), pingWithinMs);
  });
  try {
    return await Promise.race([
      ping().then(
        () => true,
        () => false,
      ),
      late,
    ]);
  } finally {
    clearTimeout(timer);
  }
}
