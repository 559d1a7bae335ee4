// The kit: what a fake vendor is made of, ours and everybody else's.
export { type ConcurrencyLimiter, createConcurrencyLimiter } from './kit/concurrency-limiter.ts';
export type { Fault, FaultList, FaultRule, FaultType } from './kit/fault-list.ts';
export { createLazySchedule, type LazySchedule } from './kit/lazy-schedule.ts';
export { createPeople, type People } from './kit/people.ts';
export { type PersonFields, readPersonFields } from './kit/person-fields.ts';
export { createRateLimiter, type RateLimiter, type RateLimiterOptions } from './kit/rate-limiter.ts';
export type { RecordedRequest, RequestCount } from './kit/request-log.ts';
export {
  createManualClock,
  createRealClock,
  createScaledClock,
  type SandboxClock,
  type ScaledClockOptions,
} from './kit/sandbox-clock.ts';
export { asRecord, type VendorHandler, type VendorReply, type VendorRequest } from './kit/vendor-exchange.ts';
export type { PersonState, VendorMemory } from './kit/vendor-memory.ts';
export { createVendorServer, type VendorServer, type VendorServerOptions } from './kit/vendor-server.ts';
export { limitOf, resolveVendorOptions, type VendorOptions } from './vendor-options.ts';
