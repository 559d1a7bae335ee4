import type { CallOptions, Target, VerifyOutcome } from '@expunge/core';
import { parseResponse, type SendOptions, sendRequest } from '@expunge/http-client';
import { isSuccessStatus, mixpanelError, readBackError } from './mixpanel-error.ts';
import { mixpanelHosts } from './mixpanel-hosts.ts';
import type { AccountSettings, MixpanelCollaborators } from './mixpanel-options.ts';
import {
  accountSchema,
  buildAccountQuery,
  buildProfileQuery,
  type ProfilePage,
  profilePageSchema,
  type QueryAccess,
} from './mixpanel-query-api.ts';
import { readBackBatchSize } from './mixpanel-read-back-capabilities.ts';
import { assertRoom, isDistinctId } from './mixpanel-targets.ts';

/** Reads Mixpanel's profiles by a service account. Profiles only: it says nothing about events. */
export interface ReadBack {
  /** Whether there is a profile, per target, in order. One call. */
  verify(targets: readonly Target[], options?: CallOptions): Promise<readonly VerifyOutcome[]>;
  /** Shows that the service account can see the project. Returns the sentence that says so. */
  proveAccess(options?: CallOptions): Promise<string>;
}

/** The reader that the options allow. undefined: they name no service account. */
export function createReadBack(options: AccountSettings, collaborators: MixpanelCollaborators): ReadBack | undefined {
  const { serviceAccount, projectId, workspaceId } = options;
  if (serviceAccount === undefined || projectId === undefined) return undefined;
  const access: QueryAccess = { host: mixpanelHosts(options).app, serviceAccount, projectId, workspaceId };
  const sending = (call?: CallOptions): SendOptions => ({
    vendor: 'mixpanel',
    dispatcher: collaborators.dispatcher,
    call,
    timeoutMs: options.timeoutMs ?? 60_000,
    // A page of profiles, or an account with many projects.
    maxResponseBytes: 8 * 1024 * 1024,
  });

  return {
    async verify(targets, call) {
      if (targets.length === 0) return [];
      assertRoom(targets, readBackBatchSize(options));
      const askable = targets.filter(isDistinctId);
      if (askable.length === 0) return targets.map(() => notAskable);
      const response = await sendRequest(buildProfileQuery(access, askable), sending(call));
      if (!isSuccessStatus(response)) throw readBackError(response);
      const page = parseResponse(response, profilePageSchema, { vendor: 'mixpanel', what: 'the read-back' });
      const outcomes = readPage(page, askable).values();
      return targets.map((target) => (isDistinctId(target) ? outcomes.next().value : undefined) ?? notAskable);
    },

    async proveAccess(call) {
      const response = await sendRequest(buildAccountQuery(access), sending(call));
      if (!isSuccessStatus(response)) throw readBackError(response);
      const account = parseResponse(response, accountSchema, { vendor: 'mixpanel', what: 'the account look-up' });
      if (!Object.hasOwn(account.results.projects, String(projectId))) {
        throw mixpanelError(
          'permission-missing',
          `The service account does not see project ${projectId}. Add it to the project, or correct projectId.`,
        );
      }
      return `The service account sees project ${projectId}.`;
    },
  };
}

const notAskable: VerifyOutcome = { type: 'unknown', reason: 'Mixpanel can only be asked by distinct id.' };

/** What one page says about each target. A target that is not on it is absent only where the page is the whole answer. */
export function readPage(page: ProfilePage, targets: readonly Target[]): readonly VerifyOutcome[] {
  const found = new Set(page.results.map((result) => result.$distinct_id));
  const asked = new Set(targets.map(({ value }) => value));
  const doubt = reasonForDoubt(
    page,
    [...found].every((id) => asked.has(id)),
  );
  return targets.map(({ value }): VerifyOutcome => {
    if (found.has(value)) return { type: 'present' };
    return doubt === undefined ? { type: 'absent' } : { type: 'unknown', reason: doubt };
  });
}

function reasonForDoubt(page: ProfilePage, isOnlyAboutTheAsked: boolean): string | undefined {
  if (!isOnlyAboutTheAsked) {
    // An alias that was resolved, an id spelled in another way, or a filter that did not hold.
    return 'Mixpanel answered with a profile under an id that was not asked for, so a missing one may be that.';
  }
  const isWhole =
    (page.page ?? 0) === 0 &&
    (typeof page.total === 'number'
      ? page.total <= page.results.length
      : typeof page.page_size === 'number' && page.results.length < page.page_size);
  return isWhole ? undefined : 'Mixpanel answered with only a part of the profiles.';
}
