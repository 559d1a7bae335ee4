import type { Target } from '@expunge/core';
import type { HttpRequest } from '@expunge/http-client';
import { z } from 'zod';

/** What a read of one project needs. */
export interface QueryAccess {
  /** The host of App API and Query API, without a slash at the end. */
  readonly host: string;
  /** The service account. */
  readonly serviceAccount: { readonly username: string; readonly secret: string };
  /** The project's number. */
  readonly projectId: number;
  /** The data view's number, where the project uses them. */
  readonly workspaceId?: number | undefined;
}

/** `POST /api/query/engage`: the profiles among many distinct ids, in one call (docs/vendors/mixpanel.md, "Read back"). */
export function buildProfileQuery(access: QueryAccess, targets: readonly Target[]): HttpRequest {
  const query = new URLSearchParams({ project_id: String(access.projectId) });
  if (access.workspaceId !== undefined) query.set('workspace_id', String(access.workspaceId));
  const form = new URLSearchParams({
    distinct_ids: JSON.stringify(targets.map(({ value }) => value)),
    // One property that names nobody, so that no more of the profiles than needed travels.
    output_properties: JSON.stringify(['$last_seen']),
  });
  return {
    method: 'POST',
    url: `${access.host}/api/query/engage?${query}`,
    headers: { ...authorization(access), 'content-type': 'application/x-www-form-urlencoded' },
    body: form.toString(),
  };
}

/** `GET /api/app/me`: which projects the service account can see. Touches nobody's data. */
export function buildAccountQuery(access: QueryAccess): HttpRequest {
  return { method: 'GET', url: `${access.host}/api/app/me`, headers: authorization(access) };
}

function authorization({ serviceAccount }: QueryAccess): { authorization: string; accept: string } {
  const credentials = Buffer.from(`${serviceAccount.username}:${serviceAccount.secret}`).toString('base64');
  return { authorization: `Basic ${credentials}`, accept: 'application/json' };
}

/** One page of profiles. */
export const profilePageSchema = z.object({
  status: z.literal('ok'),
  // Mixpanel may give a distinct id as a number; ids are compared as strings.
  results: z.array(z.object({ $distinct_id: z.union([z.string(), z.number()]).transform(String) })),
  page: z.int().nonnegative().nullish(),
  page_size: z.int().positive().nullish(),
  total: z.int().nonnegative().nullish(),
});

/** A page of profiles, read. */
export type ProfilePage = z.output<typeof profilePageSchema>;

/** What a service account is and sees. */
export const accountSchema = z.object({
  status: z.literal('ok'),
  results: z.object({ projects: z.record(z.string(), z.unknown()) }),
});
