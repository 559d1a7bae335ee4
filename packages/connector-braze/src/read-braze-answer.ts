import { ConnectorError, type SubmitOutcome, type Target, type VerifyOutcome } from '@expunge/core';
import type { BrazeExport } from './braze-api.ts';
import { type BrazeSettings, fiveMinutesMs } from './braze-options.ts';

const vendor = 'braze';

/**
 * What a number of queued ids means for each of the people sent: Braze tells how many, and not whom.
 *
 * @throws ConnectorError where the number can't be told apart by person.
 */
export function outcomeOfCount(queued: number, sent: number): SubmitOutcome {
  if (queued === sent) return { type: 'accepted' };
  // Braze recommends five minutes between calls that depend on each other.
  if (queued === 0) return { type: 'deferred', reason: 'not-taken', retryAfterMs: fiveMinutesMs };
  if (queued > sent) {
    const message = 'Braze queued more people for deletion than it was sent. Look at the workspace before going on.';
    throw new ConnectorError({ code: 'answer-contradictory', vendor, message });
  }
  const message =
    'Braze queued fewer people for deletion than it was sent, and does not say whom. With the option targetsPerCall set to 1 its number is about one person.';
  throw new ConnectorError({ code: 'response-unexpected', vendor, message });
}

/**
 * Who is there, by an export of exactly these people.
 *
 * @throws ConnectorError `answer-contradictory` where somebody is shown who was not asked for.
 */
export function outcomesOfExport(
  targets: readonly Target[],
  { users, invalid_user_ids }: BrazeExport,
  settings: BrazeSettings,
): readonly VerifyOutcome[] {
  const asked = new Set(targets.map(({ value }) => value));
  const shown = new Set<string>();
  for (const user of users) {
    const ids = idsOf(user, settings).filter((id) => asked.has(id));
    if (ids.length === 0) {
      const message = 'Braze showed a person who was not asked for.';
      throw new ConnectorError({ code: 'answer-contradictory', vendor, message });
    }
    for (const id of ids) shown.add(id);
  }
  const unknown = invalid_user_ids ?? [];
  // How an alias stands in the list is not documented: by its name, or with its label.
  const isUnknown = (value: string) =>
    unknown.some((id) => id === value || (settings.identifier === 'user_alias' && id.includes(value)));
  return targets.map(({ value }): VerifyOutcome => {
    if (shown.has(value)) return { type: 'present' };
    // Braze's own sign of a deleted user: no users at all, and perhaps the id in the list of those that nobody has. A list of others
    // is about somebody else.
    if (isUnknown(value) || (users.length === 0 && unknown.length === 0)) return { type: 'absent' };
    return {
      type: 'unknown',
      reason: 'Braze showed others, and neither showed this person nor said that there is none.',
    };
  });
}

function idsOf(user: BrazeExport['users'][number], { identifier, aliasLabel }: BrazeSettings): readonly string[] {
  if (identifier !== 'user_alias') return [user[identifier] ?? ''];
  const aliases = user.user_aliases ?? [];
  return aliases.filter(({ alias_label }) => alias_label === aliasLabel).map(({ alias_name }) => alias_name);
}
