import { lawSchema } from '@expunge/core';
import { isRequestColumn } from '@expunge/lists';
import { z } from 'zod';
import { parseDuration } from '../output/durations.ts';

const durationSchema = z
  .string()
  .refine((text) => text !== 'all' && parseDuration(text) !== undefined, 'must be a duration such as 12h or 30d');

const referenceSchema = z.union([
  z.strictObject({ env: z.string().min(1) }),
  z.strictObject({ file: z.string().min(1) }),
]);

const networkConfigSchema = z.strictObject({
  proxy: z
    .union([z.string().min(1), referenceSchema])
    .optional()
    .meta({
      description:
        'The proxy to this vendor: http://host:port, or a reference where it has a password in it. Default: HTTPS_PROXY and NO_PROXY of the environment.',
    }),
  clientCertificate: z
    .strictObject({
      certificate: referenceSchema.meta({ description: 'The certificate with its chain, PEM: { file: PATH }.' }),
      key: referenceSchema.meta({ description: 'Its private key, PEM: { file: PATH } or { env: NAME }.' }),
      passphrase: referenceSchema.optional().meta({ description: 'The passphrase of the key: { env: NAME }.' }),
    })
    .optional()
    .meta({ description: 'Shown to the server of this vendor (mutual TLS).' }),
});

const retentionSchema = durationSchema.optional().meta({
  description: 'How long identifiers stay readable after a request is settled: 30d, 0d for not at all. Default: 30d.',
});

const sqliteLedgerSchema = z.strictObject({
  sqlite: z
    .string()
    .min(1)
    .meta({ description: 'The ledger file, relative to this file. It is made where it is missing.' }),
  keyFile: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'The file with the key that encrypts personal data. Default: beside the ledger.' }),
  key: referenceSchema.optional().meta({
    description: 'The key itself, 64 hexadecimal digits, where you keep it: { env: NAME } or { file: PATH }.',
  }),
  retention: retentionSchema,
});

const postgresLedgerSchema = z.strictObject({
  postgres: z
    .strictObject({
      url: referenceSchema.meta({
        description:
          'The address with user and password, postgres://user:password@host/database: { env: NAME } or { file: PATH }.',
      }),
      schema: z
        .string()
        .regex(/^[a-z_][a-z0-9_]{0,47}$/, 'is a PostgreSQL name: lower-case letters, digits and "_", up to 48')
        .optional()
        .meta({ description: "The schema with the ledger's tables. Default: expunge." }),
    })
    .meta({ description: 'The PostgreSQL database of a fleet: any number of workers on any machines.' }),
  key: referenceSchema.meta({
    description: 'The key that encrypts personal data, 64 hexadecimal digits: { env: NAME } or { file: PATH }.',
  }),
  retention: retentionSchema,
});

const ledgerConfigSchema = z.union([sqliteLedgerSchema, postgresLedgerSchema]);

const guardConfigSchema = z.strictObject({
  maxSubjects: z
    .number()
    .int()
    .positive()
    .optional()
    .meta({ description: 'A run for more people than this asks first, or needs --confirm. Default: 1000.' }),
});

const retryConfigSchema = z.strictObject({
  maxAttempts: z
    .number()
    .int()
    .positive()
    .optional()
    .meta({ description: 'Calls for one target, at the most. Default: 60.' }),
  baseMs: z.number().int().positive().optional().meta({
    description: 'The longest wait after the first failure, in milliseconds; it doubles each time. Default: 1000.',
  }),
  maxMs: z
    .number()
    .int()
    .positive()
    .optional()
    .meta({ description: 'The longest wait, in milliseconds. Default: 1 hour.' }),
});

const identifierTypeSchema = z.string().min(1);

/** Runtime check of one configured connector. */
export const connectorConfigSchema = z.strictObject({
  package: z
    .string()
    .min(1)
    .meta({ description: 'The package of the connector, or a path to a module, both found from this file.' }),
  options: z
    .record(z.string(), z.unknown())
    .optional()
    .meta({ description: "The connector's options. Secrets are references: { env: NAME } or { file: PATH }." }),
  identifiers: z.record(z.string(), z.array(identifierTypeSchema)).optional().meta({
    description: "The vendor's identifier type, and which of your identifier types it is: { distinct_id: [user_id] }.",
  }),
  verify: z
    .enum(['off', 'after', 'before-and-after'])
    .optional()
    .meta({ description: "When the vendor's data is read back. Default: off." }),
  after: z.array(z.string().min(1)).optional().meta({
    description: 'Connectors at which a request must have been sent first: stop the pipe before the sinks.',
  }),
  network: networkConfigSchema.optional().meta({ description: 'How this vendor is reached.' }),
  limitShare: z
    .number()
    .gt(0)
    .max(1)
    .optional()
    .meta({ description: "The share of the vendor's rate limits to use. Default: 0.8." }),
  account: z.string().min(1).optional().meta({
    description:
      'A name of your own for the account at the vendor, where several connectors use the same one: limits that they state alike are then kept for all of them together.',
  }),
});

const headerSchema = z.string().min(1).max(200);

const inputConfigSchema = z.strictObject({
  columns: z
    .record(identifierTypeSchema, z.union([headerSchema, z.array(headerSchema).min(1)]))
    .optional()
    .meta({
      description:
        "What columns of a list mean: an identifier type that a connector uses, request_id, received_at, due_at or law, and the header or headers in the list. `{ email: 'Email Address', due_at: Due Date }`",
    }),
  ignoreOtherColumns: z
    .boolean()
    .optional()
    .meta({ description: 'Accept all columns that nobody knows, and do not read them. Default: they are refused.' }),
  where: z
    .record(headerSchema, z.union([z.string(), z.array(z.string()).min(1)]))
    .optional()
    .meta({
      description:
        "Only these rows are read: `{ 'Request Type': [Erasure, Deletion] }`. Others are counted and left out.",
    }),
  dates: z
    .enum(['day-first', 'month-first'])
    .optional()
    .meta({ description: 'What comes first in 03/04/2026. Left out: a date that can be meant both ways is refused.' }),
  timezone: z.string().refine(isTimezone, 'is no time zone: Europe/Berlin, America/New_York, UTC').optional().meta({
    description: 'The time zone of days, and of times that name none: Europe/Berlin. Default: days are in UTC.',
  }),
  laws: z
    .record(z.string().min(1), lawSchema)
    .optional()
    .meta({ description: 'Words of the column law, and what they mean: `{ Art. 17 GDPR: gdpr }`.' }),
  ignoreColumns: z
    .array(
      identifierTypeSchema.refine((name) => !isRequestColumn(name), 'is about the request, and can not be ignored'),
    )
    .optional()
    .meta({
      description:
        'Columns that lists of people have and no connector uses. They are not read; other unknown columns are refused.',
    }),
});

function isTimezone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** Runtime check of {@link ExpungeConfig}. */
export const configSchema = z.strictObject({
  $schema: z.string().optional().meta({ description: 'The JSON schema of this file, for editors.' }),
  ledger: ledgerConfigSchema.meta({ description: 'The durable record of everything that was asked for and done.' }),
  law: lawSchema.optional().meta({ description: 'The law of requests that name none. Default: gdpr.' }),
  wait: durationSchema.optional().meta({
    description: 'Nothing is sent for this long after a request came in, so that "expunge cancel" costs nothing: 3d.',
  }),
  input: inputConfigSchema.optional().meta({ description: 'How lists of people are read.' }),
  guard: guardConfigSchema.optional().meta({ description: 'Against deleting more than was meant.' }),
  retry: retryConfigSchema.optional().meta({ description: 'How failed calls are tried again.' }),
  connectors: z
    .record(
      z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}$/, 'a name is letters, digits, "-", "_" and "."'),
      connectorConfigSchema,
    )
    .refine((connectors) => Object.keys(connectors).length > 0, 'names no connector')
    .meta({ description: 'One entry per account at a vendor, under a name of your own.' }),
});

/** Where the ledger is, as it stands in the file. */
export type LedgerConfig = z.infer<typeof ledgerConfigSchema>;

/** How a vendor is reached, as it stands in the file. */
export type NetworkConfig = z.infer<typeof networkConfigSchema>;

/** One configured connector as it stands in the file. */
export type ConnectorConfig = z.infer<typeof connectorConfigSchema>;

/** What stands in `expunge.config.yaml` and its relatives. */
export type ExpungeConfig = z.infer<typeof configSchema>;
