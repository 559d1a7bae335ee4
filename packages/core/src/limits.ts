import { z } from 'zod';

/** Runtime check of {@link CallKind}. */
export const callKindSchema = z.enum(['submit', 'check', 'verify', 'cancel', 'recover', 'access']);

/** The kinds of call a connector makes: its methods, with `access` for `checkAccess`. */
export type CallKind = z.infer<typeof callKindSchema>;

/** Runtime check of {@link BatchLimit}. */
export const batchLimitSchema = z.strictObject({
  /** Targets in one call, at the most. */
  maxTargets: z.number().int().positive(),
  /** Bytes of one call's body, at the most. Left out: the vendor states none. */
  maxBytes: z.number().int().positive().optional(),
  /** Bytes of the body around the targets. Only with `maxBytes`. */
  bytesPerCall: z.number().int().nonnegative().optional(),
  /** Bytes that each target adds to the body around its JSON-encoded value (separators, field names). Only with `maxBytes`. */
  bytesPerTarget: z.number().int().nonnegative().optional(),
  /** The vendor takes targets of one `type` only in a call. */
  oneTypePerCall: z.boolean().optional(),
});

/** How much fits into one call. */
export interface BatchLimit extends z.infer<typeof batchLimitSchema> {}

/** Runtime check of {@link RateLimit}. */
export const rateLimitSchema = z.strictObject({
  /** The kinds of call that count towards this limit together. */
  kinds: z.array(callKindSchema).min(1),
  /** Calls at the most ... */
  calls: z.number().int().positive(),
  /** ... in any such span of time, in milliseconds. */
  perMs: z.number().int().positive(),
});

/** How many calls an account may make in a span of time. */
export interface RateLimit extends z.infer<typeof rateLimitSchema> {}

/** Runtime check of {@link InFlightLimit}. */
export const inFlightLimitSchema = z.strictObject({
  /** The kinds of call that count towards this limit together. */
  kinds: z.array(callKindSchema).min(1),
  /** Calls at the same time, at the most. */
  calls: z.number().int().positive(),
});

/** How many calls an account may have open at the same time. */
export interface InFlightLimit extends z.infer<typeof inFlightLimitSchema> {}

/** Runtime check of {@link ConnectorLimits}. */
export const connectorLimitsSchema = z.strictObject({
  /** What fits into one `submit`. */
  submit: batchLimitSchema,
  /** What fits into one `verify`. Present where the connector has one. */
  verify: batchLimitSchema.optional(),
  /** Calls per span of time; all of them hold. */
  rates: z.array(rateLimitSchema),
  /** Calls at the same time; all of them hold. */
  inFlight: z.array(inFlightLimitSchema),
  /** Targets submitted in one calendar month (UTC), at the most. */
  targetsPerMonth: z.number().int().positive().optional(),
});

/** A vendor's limits for one account, as data that the caller obeys. */
export interface ConnectorLimits extends z.infer<typeof connectorLimitsSchema> {}
