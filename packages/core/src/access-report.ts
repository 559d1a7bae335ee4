import { z } from 'zod';

/** Runtime check of {@link AccessReport}. */
export const accessReportSchema = z.strictObject({
  /** What the check has shown, in sentences: "The service account can read project 42." */
  proven: z.array(z.string().min(1)),
  /** What it could not show: "Whether the token may delete shows only at the first deletion." */
  unproven: z.array(z.string().min(1)),
});

/** What a check of the credentials has shown and what it could not show. A refusal is a `ConnectorError` instead. */
export interface AccessReport extends z.infer<typeof accessReportSchema> {}
