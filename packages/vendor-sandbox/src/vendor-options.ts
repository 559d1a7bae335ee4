import type { SandboxClock } from './kit/sandbox-clock.ts';

/** What `startSandbox` hands to each vendor. */
export interface VendorOptions {
  /** The vendor's days: task progress, delays. */
  clock: SandboxClock;
  /** The time that limits per second, minute or hour are counted in. */
  limitClock: SandboxClock;
  /** `documented`: excess calls get 429. `off`: none do. */
  limits: 'documented' | 'off';
  /** Real milliseconds between acting and answering. */
  latencyMs: number;
  /** 0: a free one. */
  port: number;
  host: string;
  /** How many requests the log keeps at least. */
  keptRequests: number;
}

/** The limit as documented, or none. */
export function limitOf(options: Pick<VendorOptions, 'limits'>, documented: number): number {
  return options.limits === 'off' ? Number.POSITIVE_INFINITY : documented;
}
