import { createManualClock, createRealClock, type SandboxClock } from './kit/sandbox-clock.ts';

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

/** Options with what a fake vendor takes unless told: time that stands still, documented limits, a free port on loopback. */
export function resolveVendorOptions(options: Partial<VendorOptions>): VendorOptions {
  const clock = options.clock ?? createManualClock();
  return {
    clock,
    limitClock: options.limitClock ?? (clock.isScaled === true ? createRealClock() : clock),
    limits: options.limits ?? 'documented',
    latencyMs: options.latencyMs ?? 0,
    port: options.port ?? 0,
    host: options.host ?? '127.0.0.1',
    keptRequests: options.keptRequests ?? 20_000,
  };
}
