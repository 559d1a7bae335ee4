/** What the benchmarks' vendors are asked to delete, and by what. */
export const deletionNames = [
  'mixpanel-gdpr',
  'mixpanel-profile',
  'clevertap',
  'altcraft',
  'segment-regulation',
  'segment-identifier',
] as const;

/** A deletion of the benchmarks' vendors. */
export type DeletionName = (typeof deletionNames)[number];

/** Which deletion a call asks for. undefined: it deletes nothing (a question about a task). */
export function deletionOf(method: string, path: string): DeletionName | undefined {
  if (method !== 'POST') return undefined;
  if (path.startsWith('/api/app/data-deletions/')) return 'mixpanel-gdpr';
  if (path.startsWith('/engage')) return 'mixpanel-profile';
  if (path.startsWith('/1/delete/profiles.json')) return 'clevertap';
  if (path.startsWith('/api/v1.1/profiles/delete')) return 'altcraft';
  if (path.startsWith('/regulations')) return 'segment-regulation';
  if (path.endsWith('/external_ids/delete')) return 'segment-identifier';
  return undefined;
}

/** Whom a call deletes: user ids, or at Altcraft and Segment's identifiers the email address. */
export function idsIn(deletion: DeletionName, body: string): readonly string[] {
  const content: unknown = JSON.parse(body);
  switch (deletion) {
    case 'mixpanel-gdpr':
      return (content as { distinct_ids: string[] }).distinct_ids;
    case 'mixpanel-profile':
      return (content as { $distinct_id: string }[]).map((record) => record.$distinct_id);
    case 'clevertap':
      return (content as { identity: string[] }).identity;
    case 'altcraft':
      return [(content as { email: string }).email];
    case 'segment-regulation':
      return (content as { subjectIds: string[] }).subjectIds;
    case 'segment-identifier':
      return (content as { delete_external_ids: { id: string }[] }).delete_external_ids.map(({ id }) => id);
  }
}

/** By what a deletion knows a person. */
export function idKeyOf(deletion: DeletionName): 'userId' | 'email' {
  return deletion === 'altcraft' || deletion === 'segment-identifier' ? 'email' : 'userId';
}
