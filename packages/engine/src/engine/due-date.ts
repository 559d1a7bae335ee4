import type { Law } from '@expunge/core';

/**
 * When a request must be done where nobody says: one calendar month for the GDPR (article 12(3)), 45 days for the CCPA
 * (section 1798.130(a)(2)), 30 days for anything else.
 *
 * @param receivedAt - ISO 8601.
 * @returns ISO 8601, in UTC.
 */
export function defaultDueAt(law: Law, receivedAt: string): string {
  const received = new Date(receivedAt);
  if (law === 'gdpr') return addMonth(received).toISOString();
  const days = law === 'ccpa' ? 45 : 30;
  return new Date(received.getTime() + days * 86_400_000).toISOString();
}

// The same day of the next month; where that month is shorter, its last day (31 January: 28 February).
function addMonth(date: Date): Date {
  const next = new Date(date);
  next.setUTCDate(1);
  next.setUTCMonth(next.getUTCMonth() + 1);
  const lastDay = new Date(Date.UTC(next.getUTCFullYear(), next.getUTCMonth() + 1, 0)).getUTCDate();
  next.setUTCDate(Math.min(date.getUTCDate(), lastDay));
  return next;
}

/** {@link defaultDueAt} for a list: most of its requests came in at the same moment, so the last answer is kept. */
export function createDueDates(): (law: Law, receivedAt: string) => string {
  let last: { readonly law: Law; readonly receivedAt: string; readonly dueAt: string } | undefined;
  return (law, receivedAt) => {
    if (last?.law !== law || last.receivedAt !== receivedAt) {
      last = { law, receivedAt, dueAt: defaultDueAt(law, receivedAt) };
    }
    return last.dueAt;
  };
}
