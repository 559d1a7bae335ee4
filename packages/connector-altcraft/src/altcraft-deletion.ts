import {
  type CallOptions,
  ConnectorError,
  type ConnectorErrorCode,
  type SubmitOutcome,
  type Target,
} from '@expunge/core';
import { expectSame } from '@expunge/http-client';
import {
  type AltcraftProfile,
  deletedSchema,
  deleteProfile,
  type MatchingFields,
  profileIdFields,
} from './altcraft-api.ts';
import { type AltcraftAnswer, type AltcraftCallOptions, callAltcraft } from './altcraft-call.ts';
import type { AltcraftMatching, AltcraftSettings } from './altcraft-options.ts';
import { isSameProfileId, type Ownership, ownershipOf } from './altcraft-profile-match.ts';
import type { AltcraftReader } from './altcraft-reader.ts';
import { mismatchRejection } from './altcraft-rejection.ts';
import type { RecentReads } from './recent-reads.ts';

/** What deletions are made with. */
export interface AltcraftDeletionParts {
  readonly settings: AltcraftSettings;
  readonly reader: AltcraftReader;
  readonly recent: RecentReads;
  readonly optionsOf: (call: CallOptions) => AltcraftCallOptions;
}

/** The two ways to delete. */
export interface AltcraftDeletion {
  /** Looks the person's profiles up, and deletes each by its own id: by that, nobody else can be meant. */
  findAndDelete(
    target: Target,
    mode: AltcraftMatching,
    fields: MatchingFields,
    call: CallOptions,
  ): Promise<SubmitOutcome>;
  /** Deletes what these fields mean, without a look at whose it is. */
  deleteDirectly(fields: MatchingFields, expectedId: string | undefined, call: CallOptions): Promise<SubmitOutcome>;
}

/** Profiles that one submission deletes, at the most. Nobody has more; the next submission takes the rest. */
const maxProfiles = 10;

/** Binds the deletions of one connector. */
export function createAltcraftDeletion({
  settings,
  reader,
  recent,
  optionsOf,
}: AltcraftDeletionParts): AltcraftDeletion {
  /** One deletion. @returns The id of the deleted profile, or why there was none. */
  async function deleteOne(fields: MatchingFields, expectedId: string | undefined, call: CallOptions) {
    const request = deleteProfile(settings, fields);
    const deletion = await callAltcraft(request, deletedSchema, 'the deletion', optionsOf(call));
    if (deletion.type === 'refused') return deletion;
    const deletedId = deletion.data.profile_id;
    if (expectedId !== undefined && !isSameProfileId(deletedId, expectedId)) {
      // Somebody else may be gone.
      expectSame(deletedId, expectedId, { vendor: 'altcraft', what: 'the deletion', field: 'profile_id' });
    }
    return { type: 'done', deletedId } as const;
  }

  async function absentOr(refusal: Refusal, call: CallOptions): Promise<SubmitOutcome> {
    if (await reader.meansAbsence(refusal.code, call)) return { type: 'absent', vendorStatus: String(refusal.code) };
    throw refusal.error;
  }

  /** Whether a profile can still be read by its id. A read that fails takes nothing from the vendor's own word. */
  async function isStillThere(profileId: string, call: CallOptions): Promise<boolean> {
    try {
      const found = await reader.readProfile(profileIdFields(profileId), call);
      return found.type === 'done' && isSameProfileId(found.data.id, profileId);
    } catch (error) {
      if (ConnectorError.isInstance(error)) return false;
      throw error;
    }
  }

  /** The first profile: as a read of a moment ago saw it, or looked up. */
  async function firstProfile(target: Target, mode: AltcraftMatching, fields: MatchingFields, call: CallOptions) {
    const read = recent.take(target);
    if (typeof read === 'object') return { type: 'own', profileId: read.profileId } as const;
    const found = await reader.readProfile(fields, call);
    if (found.type === 'refused') return found;
    const owner = ownershipOf(found.data, mode, target, settings);
    return owner.type === 'own' ? ({ type: 'own', profileId: found.data.id } as const) : owner;
  }

  return {
    async findAndDelete(target, mode, fields, call) {
      const first = await firstProfile(target, mode, fields, call);
      if (first.type === 'refused') return absentOr(first, call);
      if (first.type !== 'own') return mismatchRejection(mode, first);
      let { profileId } = first;
      let outcome = await outcomeOf(await deleteOne(profileIdFields(profileId), profileId, call), call);
      for (let deleted = outcome.type === 'deleted' ? 1 : 0; ; deleted += 1) {
        const left = await afterDeletion(() => reader.readProfile(fields, call));
        if (left.type === 'refused') {
          // The same question was answered a moment ago, so a refusal is about the profile: the identifier leads to none.
          if (settings.absentCodes.includes(left.code)) recent.keep(target, 'absent');
          return said(outcome, deleted);
        }
        if (isSameProfileId(left.data.id, profileId)) {
          if (outcome.type === 'deleted' && !settings.readBackById) return said(outcome, deleted);
          throw stillThere('response-unexpected');
        }
        if (settings.readBackById && (await isStillThere(profileId, call))) throw stillThere('response-unexpected');
        const owner = ownershipOf(left.data, mode, target, settings);
        if (owner.type !== 'own') return said(outcome, deleted, owner);
        if (settings.severalProfiles === 'refuse') return secondProfile;
        if (deleted >= maxProfiles) return { type: 'deferred', reason: 'not-taken' };
        profileId = left.data.id;
        await afterDeletion(() => deleteOne(profileIdFields(profileId), profileId, call));
        outcome = { type: 'deleted' };
      }
    },

    async deleteDirectly(fields, expectedId, call) {
      const deletion = await deleteOne(fields, expectedId, call);
      if (deletion.type === 'refused') return absentOr(deletion, call);
      if (settings.readBackById && (await isStillThere(deletion.deletedId, call))) {
        // By profile id a repeat can hit nobody else. By an email or phone Altcraft may choose another profile next time.
        throw stillThere(expectedId === undefined ? 'answer-contradictory' : 'response-unexpected');
      }
      return { type: 'deleted' };
    },
  };

  async function outcomeOf(deletion: Awaited<ReturnType<typeof deleteOne>>, call: CallOptions): Promise<SubmitOutcome> {
    return deletion.type === 'refused' ? absentOr(deletion, call) : { type: 'deleted' };
  }
}

type Refusal = Extract<AltcraftAnswer<AltcraftProfile>, { type: 'refused' }>;

/** The outcome with what a person should know: that there were several profiles, or that somebody else's was left. */
function said(outcome: SubmitOutcome, deleted: number, left?: Ownership): SubmitOutcome {
  if (outcome.type !== 'deleted') return outcome;
  const sentences = [
    ...(deleted > 1
      ? [`Altcraft had ${deleted} profiles of this person under the identifier; all of them are deleted.`]
      : []),
    ...(left?.type === 'contradicts'
      ? [`A profile with the same identifier and another ${left.by} is somebody else’s, and was left.`]
      : []),
  ];
  return sentences.length === 0 ? outcome : { ...outcome, message: sentences.join(' ') };
}

const secondProfile: SubmitOutcome = {
  type: 'rejected',
  reason: 'refused',
  message:
    'One profile is deleted, and the identifier leads to a second one, which was left because of severalProfiles: refuse. ' +
    'Look whose it is, and delete it by hand or with severalProfiles: delete.',
};

/** Something has happened by now, whatever the error says about this one call. */
async function afterDeletion<Value>(call: () => Promise<Value>): Promise<Value> {
  try {
    return await call();
  } catch (error) {
    if (!ConnectorError.isInstance(error) || error.effect === 'in-doubt') throw error;
    const { httpStatus, vendorStatus, retryAfterMs } = error;
    const message =
      'Altcraft reports a profile as deleted. Whether the identifier leads to another one could not be told; a repeat finds out.';
    throw new ConnectorError({
      code: 'response-unexpected',
      vendor: 'altcraft',
      message,
      httpStatus,
      vendorStatus,
      retryAfterMs,
    });
  }
}

function stillThere(code: ConnectorErrorCode): ConnectorError {
  const message =
    'Altcraft reports the profile as deleted and still shows it. Where this installation needs time, set readBackById to ' +
    'false and verify later.';
  return new ConnectorError({ code, vendor: 'altcraft', message });
}
