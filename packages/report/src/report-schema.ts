import { z } from 'zod';

const time = z.iso.datetime({ offset: true });
const counts = z.record(z.string(), z.number().int().nonnegative());

const connectorSchema = z.strictObject({
  name: z.string().meta({ description: "The company's name for the account." }),
  isConfigured: z
    .boolean()
    .meta({ description: 'Whether the configuration still has it. If not, what it erases is not known here.' }),
  vendor: z.string().optional(),
  operation: z.string().optional().meta({ description: "Which of the vendor's deletions." }),
  title: z.string().optional(),
  reach: z.enum(['person', 'profile', 'identifier', 'nothing']).optional(),
  erases: z.array(z.string()).optional().meta({ description: 'What is erased, in sentences.' }),
  leaves: z.array(z.string()).optional().meta({ description: 'What the vendor keeps, in sentences.' }),
  states: counts.meta({ description: 'Deletions by state.' }),
  onHold: z.number().int().nonnegative().meta({ description: 'How many of the open ones are on hold.' }),
  assurances: counts.meta({ description: 'Deletions by how their end is known.' }),
  reasons: z.array(z.strictObject({ state: z.string(), reason: z.string(), count: z.number().int() })),
  unread: z
    .array(z.strictObject({ reason: z.string(), count: z.number().int() }))
    .meta({ description: 'How many were to be read before their deletion and were not, and why.' }),
  noneFound: z.number().int().positive().optional().meta({
    description: 'How many people were not found there, where nobody ever was: it may be the wrong account.',
  }),
  nextAt: time.optional(),
  forecastAt: time.optional().meta({
    description: "When everything open is expected to be done: queue, limits and the vendor's promised time.",
  }),
  paused: z.strictObject({ code: z.string(), message: z.string(), at: time }).optional(),
});

const taskSchema = z.strictObject({
  task: z.number().int().meta({ description: "The ledger's own number of it, as the audit log names it." }),
  connector: z.string(),
  targetType: z
    .string()
    .optional()
    .meta({ description: "The vendor's name for the identifier type; absent where nothing was sent." }),
  state: z.string().meta({ description: 'Where it stands; the glossary lists the words.' }),
  isOnHold: z.boolean().meta({ description: 'Whether it is not sent because of a legal hold.' }),
  assurance: z.enum(['verified', 'confirmed', 'accepted']).optional().meta({ description: 'How it is known.' }),
  readBefore: z
    .enum(['present', 'absent', 'unread'])
    .meta({ description: 'What our own read saw before the deletion.' }),
  unreadReason: z.string().optional().meta({ description: 'Why nothing was read; absent where no read was wanted.' }),
  reason: z.string().optional(),
  message: z.string().optional(),
  vendorStatus: z.string().optional().meta({ description: "The vendor's own last word." }),
  parts: z.array(z.strictObject({ name: z.string(), state: z.string(), vendorStatus: z.string() })).optional(),
  attempts: z.number().int().nonnegative(),
  submittedAt: time.optional(),
  finishedAt: time.optional(),
  nextAt: time.optional(),
});

const requestSchema = z.strictObject({
  requestId: z.string(),
  law: z.enum(['gdpr', 'ccpa', 'other']),
  receivedAt: time,
  dueAt: time,
  acceptedAt: time,
  deadline: z
    .enum([
      'settled-in-time',
      'settled-late',
      'settled-undone',
      'called-back',
      'nothing-sent',
      'on-track',
      'due-soon',
      'overdue',
    ])
    .meta({ description: 'How it stands against its due date.' }),
  settledAt: time.optional().meta({ description: 'Absent while something is still open.' }),
  result: z
    .enum(['done', 'undone', 'called-back', 'nothing-sent'])
    .optional()
    .meta({ description: 'What became of it; only `done` is a success. Absent while something is still open.' }),
  identifiers: z
    .array(z.strictObject({ type: z.string(), value: z.string() }))
    .optional()
    .meta({ description: 'Personal data. Only with --with-identifiers.' }),
  isUnreadable: z.literal(true).optional().meta({
    description: 'With --with-identifiers: their encrypted page does not open, so that they are missing here.',
  }),
  tasks: z
    .array(taskSchema)
    .meta({ description: 'One per record at a vendor, and one per vendor where nothing was sent.' }),
});

/** What `expunge report --format json` writes. Published as `expunge-report.schema.json`. */
export const reportSchema = z.strictObject({
  format: z.literal('expunge-report/v1'),
  generatedAt: time,
  summary: z.strictObject({
    total: z.number().int().meta({ description: 'Requests.' }),
    settled: z.number().int().meta({ description: 'Requests with nothing open, whatever came of them.' }),
    undone: z.number().int().meta({ description: 'Settled requests of which something failed.' }),
    calledBack: z.number().int().meta({ description: 'Settled requests of which something was cancelled.' }),
    nothingSent: z.number().int().meta({ description: 'Settled requests for which nothing could be sent.' }),
    overdue: z.number().int().meta({ description: 'Open requests past their due date.' }),
  }),
  cutOffImports: z
    .array(z.strictObject({ importId: z.number().int(), startedAt: time, lastAt: time, requests: z.number().int() }))
    .optional()
    .meta({
      description: 'Imports without an end: people of theirs are not in the ledger. Absent where there are none.',
    }),
  connectors: z.array(connectorSchema),
  requests: z.array(requestSchema),
});

/** The JSON report. */
export type JsonReport = z.infer<typeof reportSchema>;
