import type { Target } from '@expunge/core';
import type { HttpRequest } from '@expunge/http-client';
import { z } from 'zod';
import { mixpanelHosts } from './mixpanel-hosts.ts';
import type { ProfileSettings } from './mixpanel-options.ts';

/**
 * `POST /engage` with one `$delete` record per target (docs/vendors/mixpanel.md, "Delete Profile"). `verbose` asks for
 * JSON instead of a bare digit, `strict` for a count of the records that were taken.
 */
export function buildProfileDeletion(options: ProfileSettings, targets: readonly Target[]): HttpRequest {
  const records = targets.map(({ value }) => ({
    $token: options.projectToken,
    $distinct_id: value,
    // Mixpanel ignores the value; this is the one its documents show.
    $delete: 'null',
    $ignore_alias: options.ignoreAlias,
  }));
  return {
    method: 'POST',
    url: `${mixpanelHosts(options).ingestion}/engage?verbose=1&strict=1`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(records),
  };
}

/** The three documented replies: a bare `0` or `1`, and what `verbose` and `strict` make of it. */
export const profileReplySchema = z.union([
  z.literal(0),
  z.literal(1),
  z.object({
    status: z.union([z.literal(0), z.literal(1)]),
    error: z.string().nullish(),
    // Empty on success. What it holds on failure is not documented, and does not matter: it must be empty.
    errors: z.union([z.record(z.string(), z.unknown()), z.array(z.unknown())]).nullish(),
    num_good_events: z.int().nonnegative().nullish(),
  }),
]);
