import {
  callKindSchema,
  completionSchema,
  connectorCapabilitiesSchema,
  connectorLimitsSchema,
  inFlightLimitSchema,
  parseOptions,
  baseUrlSchema as plainUrlSchema,
  rateLimitSchema,
} from '@expunge/core';
import { z } from 'zod';
import { accessSchema, cancelSchema, checkSchema, submitSchema, verifySchema } from './call-schema.ts';
import { findOptionFaults } from './find-option-faults.ts';
import { headersSchema, hostSchema } from './request-schema.ts';

const slug = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, 'must be lower-case letters, digits and "-"');
const name = z.string().regex(/^[a-zA-Z][a-zA-Z0-9_]*$/, 'must be a name: a letter, then letters, digits or "_"');
// A secret that is read from a file easily keeps its line break, which no HTTP header can carry.
const plainText = z.string().regex(/^[\x20-\x7e]+$/, 'must be printable ASCII; check for a line break at its end');

// Hosts are compared with a list: in the one spelling that a URL has.
const baseUrlSchema = plainUrlSchema.transform((url) => new URL(url).href.replace(/\/+$/, ''));

const identifierSchema = z.strictObject({
  /** The vendor's name for it. */
  type: z.string().regex(/^[a-zA-Z][a-zA-Z0-9_.-]{0,63}$/, 'must be a letter, then letters, digits, "_", "." or "-"'),
  /** Which of the company's common identifier types it is, unless the configuration maps others. */
  from: z.array(z.string().min(1)),
  /** `integer`: the vendor takes whole numbers only; in JSON the id is written as a number. */
  as: z.enum(['text', 'integer']).default('text'),
  /** A regular expression that a whole id fits. What does not is rejected and not sent. */
  matches: z.string().min(1).refine(isExpression, 'must be a regular expression').optional(),
  /** Characters at which the vendor splits a list of ids. An id that holds one would reach several others: it is rejected. */
  separators: z.array(z.string().min(1)).default([]),
});

const authSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('bearer'), token: plainText }),
  z.strictObject({ type: z.literal('basic'), username: z.string(), password: z.string() }),
]);

const capabilityShape = connectorCapabilitiesSchema.shape;

const limitsSchema = z.strictObject({
  /** What fits into one call that deletes. */
  submit: z
    .strictObject({
      /** Targets in one call, at the most. */
      maxTargets: z.number().int().positive().default(1),
      /** Bytes of one call's body, at the most. */
      maxBytes: z.number().int().positive().optional(),
      /** The vendor takes targets of one type only in a call. */
      oneTypePerCall: z.boolean().default(false),
    })
    .prefault({}),
  /** Calls per span of time; all of them hold. */
  rates: z.array(rateLimitSchema).default([]),
  /** Calls at the same time; all of them hold. */
  inFlight: z.array(inFlightLimitSchema).default([{ kinds: callKindSchema.options, calls: 4 }]),
  /** Targets in one calendar month (UTC), at the most. */
  targetsPerMonth: connectorLimitsSchema.shape.targetsPerMonth,
});

/** Everything that can be said of a vendor, without the rules that span several keys. */
export const httpOptionsShape = z.strictObject({
  /** The vendor, as reports call it: `onesignal`. */
  vendor: slug,
  /** Which of its deletions: `user`. */
  operation: slug,
  /** What a report calls this deletion. */
  title: capabilityShape.title,
  /** How far it goes: `person`, `profile`, `identifier` or `nothing`. */
  reach: capabilityShape.reach,
  /** What is erased, in sentences that a report prints. */
  erases: capabilityShape.erases,
  /** What the vendor keeps, and what is left to do by hand, in sentences that a report prints. */
  leaves: capabilityShape.leaves,
  /** The hosts that calls may go to, always by https. The first is used where a request names none. */
  hosts: z.array(hostSchema).min(1).optional(),
  /** Replaces all hosts: for a sandbox, a proxy or a private cloud. */
  baseUrl: baseUrlSchema.optional(),
  /** Texts for placeholders: project ids and credentials. */
  values: z.record(name, z.string().min(1)).default({}),
  /** Credentials in the usual forms. */
  auth: authSchema.optional(),
  /** Headers of all calls. */
  headers: headersSchema.default({}),
  /** The identifiers that the vendor can delete by. */
  identifiers: z.array(identifierSchema).min(1),
  /** How it becomes known that an accepted deletion is done. */
  completion: completionSchema,
  /** Whether submitting the same target twice is `harmless` or `costly`. */
  repeat: capabilityShape.repeat,
  /** When the credentials run out; ISO 8601. */
  credentialsExpireAt: capabilityShape.credentialsExpireAt,
  /** The vendor's limits. */
  limits: limitsSchema.prefault({}),
  /** One call, from the first byte sent to the last byte read, in milliseconds. */
  timeoutMs: z.number().int().positive().default(30_000),
  /** The call that deletes. */
  submit: submitSchema,
  /** The call that asks how a job stands. */
  check: checkSchema.optional(),
  /** The call that reads one record back. */
  verify: verifySchema.optional(),
  /** The call that calls a job back. */
  cancel: cancelSchema.optional(),
  /** The call that proves the credentials. */
  access: accessSchema.optional(),
});

const httpOptionsSchema = httpOptionsShape.superRefine((options, context) => {
  for (const { path, message } of findOptionFaults(options)) {
    context.addIssue({ code: 'custom', path: [...path], message });
  }
});

/** A vendor, described as data: what is called, and what each answer means. Plain data that could be JSON. */
export interface HttpOptions extends z.input<typeof httpOptionsShape> {}

/** A checked description, with everything filled in that was left to a default. */
export interface HttpSettings extends z.output<typeof httpOptionsShape> {}

/** @throws OptionsError naming every wrong key. */
export function parseHttpOptions(input: unknown): HttpSettings {
  return parseOptions('connector-http', httpOptionsSchema, input);
}

function isExpression(text: string): boolean {
  try {
    return new RegExp(text, 'u') !== undefined;
  } catch {
    return false;
  }
}
