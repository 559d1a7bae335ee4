import type { DeletionConnector, SubmitOutcome } from '@expunge/core';
import { sendRequest } from '@expunge/http-client';
import { profileReplyError } from './mixpanel-error.ts';
import type { MixpanelCollaborators, ProfileSettings } from './mixpanel-options.ts';
import { buildProfileDeletion } from './mixpanel-profile-api.ts';
import { profileCapabilities } from './mixpanel-profile-capabilities.ts';
import { createReadBack } from './mixpanel-read-back.ts';
import { areDistinctIds, assertRoom, distinctIdTargets, unsupportedTarget } from './mixpanel-targets.ts';

const accepted: SubmitOutcome = { type: 'accepted' };

/** Removes profiles by `/engage`. Mixpanel gives no task, no status and no way back: only a read-back can show the effect. */
export function createProfileConnector(
  options: ProfileSettings,
  collaborators: MixpanelCollaborators,
): DeletionConnector {
  const capabilities = profileCapabilities(options);
  const readBack = createReadBack(options, collaborators);

  return {
    specVersion: 'v1',
    vendor: 'mixpanel',
    operation: 'profile',
    capabilities,
    targetsOf: distinctIdTargets,

    async submit(targets, call) {
      if (targets.length === 0) return [];
      assertRoom(targets, capabilities.limits.submit.maxTargets);
      if (!areDistinctIds(targets)) return targets.map(() => unsupportedTarget);
      const response = await sendRequest(buildProfileDeletion(options, targets), {
        vendor: 'mixpanel',
        dispatcher: collaborators.dispatcher,
        call,
        timeoutMs: options.timeoutMs ?? 30_000,
      });
      const error = profileReplyError(response, targets.length);
      if (error !== undefined) throw error;
      // Well-formed and taken: the reply is the same for a token of no project, so it is never more than accepted.
      return targets.map(() => accepted);
    },

    ...(readBack === undefined ? {} : { verify: readBack.verify }),

    async checkAccess(call) {
      const unproven = [
        'Whether the project token and the region are right: Mixpanel answers a profile deletion with success for any token.',
      ];
      if (readBack === undefined) {
        return {
          proven: [],
          unproven: [...unproven, 'Nothing was asked: without serviceAccount and projectId there is nothing to test.'],
        };
      }
      return {
        proven: [await readBack.proveAccess(call)],
        unproven: [...unproven, 'Whether the project token belongs to that same project.'],
      };
    },
  };
}
