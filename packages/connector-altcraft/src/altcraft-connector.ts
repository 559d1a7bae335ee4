import {
  type AccessReport,
  type CallOptions,
  ConnectorError,
  type ConnectorErrorCode,
  type DeletionConnector,
  type SubmitOutcome,
  type Target,
  type VerifyOutcome,
} from '@expunge/core';
import type { SendOptions } from '@expunge/http-client';
import {
  type AltcraftProfile,
  databasesSchema,
  deletedSchema,
  deleteProfile,
  getProfile,
  listDatabases,
  type MatchingFields,
  matchingFields,
  profileIdFields,
  profileSchema,
} from './altcraft-api.ts';
import { type AltcraftAnswer, type AltcraftCallOptions, callAltcraft } from './altcraft-call.ts';
import { altcraftCapabilities } from './altcraft-capabilities.ts';
import { type AltcraftMatching, type AltcraftOptions, parseAltcraftOptions } from './altcraft-options.ts';
import { isOwnIdentifier, isSameProfileId } from './altcraft-profile-match.ts';
import { mismatchRejection, unaddressableRejection } from './altcraft-rejection.ts';

// Nobody's profile id. A deletion is never sent for it; it is only looked up.
const inventedProfileId = '0'.repeat(24);

/**
 * Deletes profiles at Altcraft: looks the person up, deletes by profile id, reads back by that id and by the identifier.
 *
 * @throws OptionsError naming every wrong key.
 */
export function createAltcraftConnector(
  options: AltcraftOptions,
  collaborators: { readonly dispatcher?: NonNullable<SendOptions['dispatcher']> } = {},
): DeletionConnector {
  const settings = parseAltcraftOptions(options);

  const optionsOf = (call: CallOptions): AltcraftCallOptions => ({
    dispatcher: collaborators.dispatcher,
    timeoutMs: settings.timeoutMs,
    signal: call.signal,
  });
  const readProfile = (fields: MatchingFields, call: CallOptions) =>
    callAltcraft(getProfile(settings, fields), profileSchema, 'the look-up', optionsOf(call));

  /** Resolves the identifier to a profile id first: by that, nobody else can be meant. */
  async function findAndDelete(
    target: Target,
    mode: AltcraftMatching,
    fields: MatchingFields,
    call: CallOptions,
  ): Promise<SubmitOutcome> {
    const found = await readProfile(fields, call);
    if (found.type === 'refused') return absentOr(found);
    if (!isOfThePerson(found.data, mode, target.value)) return mismatchRejection(mode);
    const { id } = found.data;
    const outcome = await deleteBy(profileIdFields(id), id, call);
    const left = await readOnceMore(fields, call);
    // The same question was answered a moment ago, so a refusal is about the profile: the identifier finds none any more.
    if (left.type === 'refused') return outcome;
    if (isSameProfileId(left.data.id, id)) {
      if (outcome.type === 'deleted' && !settings.readBackById) return outcome;
      throw stillThere('response-unexpected');
    }
    // A person may have several profiles, and a call deletes one: the next submission takes the next.
    return isOfThePerson(left.data, mode, target.value) ? { type: 'deferred', reason: 'not-taken' } : outcome;
  }

  function isOfThePerson(profile: AltcraftProfile, mode: AltcraftMatching, value: string): boolean {
    const mayBeAnothers = mode.matching === 'email' || mode.matching === 'phone';
    return (settings.allowSubscriptionMatch && mayBeAnothers) || isOwnIdentifier(profile, mode, value);
  }

  /** Asks by the identifier again, after a deletion. Where that fails, it is open whether a second profile is left. */
  async function readOnceMore(fields: MatchingFields, call: CallOptions): Promise<AltcraftAnswer<AltcraftProfile>> {
    try {
      return await readProfile(fields, call);
    } catch (error) {
      if (!ConnectorError.isInstance(error)) throw error;
      const { effect, httpStatus, vendorStatus, retryAfterMs } = error;
      throw new ConnectorError({
        // Something has happened by now, whatever the error says about this one read.
        code: effect === 'in-doubt' ? error.code : 'response-unexpected',
        vendor: 'altcraft',
        message:
          'Altcraft reports the profile as deleted. Whether the identifier leads to another one could not be read; ' +
          'a repeat finds out.',
        httpStatus,
        vendorStatus,
        retryAfterMs,
      });
    }
  }

  async function deleteBy(
    fields: MatchingFields,
    expectedId: string | undefined,
    call: CallOptions,
  ): Promise<SubmitOutcome> {
    const deletion = await callAltcraft(
      deleteProfile(settings, fields),
      deletedSchema,
      'the deletion',
      optionsOf(call),
    );
    if (deletion.type === 'refused') return absentOr(deletion);
    const deletedId = deletion.data.profile_id;
    if (expectedId !== undefined && !isSameProfileId(deletedId, expectedId)) {
      throw contradiction(
        'answer-contradictory',
        'Altcraft reports the deletion of another profile than the one that was asked for, so somebody else may be gone. ' +
          'Look into it by hand before anything else is deleted.',
      );
    }
    if (settings.readBackById && (await isStillThere(deletedId, call))) {
      // By profile id a repeat can hit nobody else. By an email or phone Altcraft may choose another profile next time.
      throw stillThere(expectedId === undefined ? 'answer-contradictory' : 'response-unexpected');
    }
    return { type: 'deleted' };
  }

  /** Whether the profile can still be read by its id. A read that fails takes nothing from the vendor's own word. */
  async function isStillThere(profileId: string, call: CallOptions): Promise<boolean> {
    try {
      const found = await readProfile(profileIdFields(profileId), call);
      return found.type === 'done' && isSameProfileId(found.data.id, profileId);
    } catch (error) {
      if (ConnectorError.isInstance(error)) return false;
      throw error;
    }
  }

  function absentOr(refusal: { readonly code: number; readonly error: ConnectorError }): SubmitOutcome {
    if (settings.absentCodes.includes(refusal.code)) return { type: 'absent', vendorStatus: String(refusal.code) };
    throw refusal.error;
  }

  return {
    specVersion: 'v1',
    vendor: 'altcraft',
    operation: 'profile',
    capabilities: altcraftCapabilities(settings),

    targetsOf(subject) {
      const targets = new Map<string, Target>();
      for (const { type, value } of subject.identifiers) {
        if (settings.matchings.some((mode) => mode.type === type)) targets.set(`${type}:${value}`, { type, value });
      }
      return [...targets.values()];
    },

    async submit(targets, call = {}): Promise<readonly SubmitOutcome[]> {
      const target = onlyTarget(targets);
      if (target === undefined) return [];
      const mode = settings.matchings.find(({ type }) => type === target.type);
      if (mode === undefined) return [unaddressableRejection('type-unknown')];
      const fields = matchingFields(settings, mode, target.value);
      if (typeof fields === 'string') return [unaddressableRejection(fields)];
      if (mode.matching === 'profile_id') return [await deleteBy(fields, target.value, call)];
      if (!settings.lookUp) return [await deleteBy(fields, undefined, call)];
      return [await findAndDelete(target, mode, fields, call)];
    },

    async verify(targets, call = {}): Promise<readonly VerifyOutcome[]> {
      const target = onlyTarget(targets);
      if (target === undefined) return [];
      const mode = settings.matchings.find(({ type }) => type === target.type);
      const fields = mode === undefined ? 'type-unknown' : matchingFields(settings, mode, target.value);
      if (mode === undefined || typeof fields === 'string') {
        return [{ type: 'unknown', reason: 'Altcraft can’t be asked by this identifier.' }];
      }
      const found = await readProfile(fields, call);
      if (found.type === 'refused') return [absenceOf(found.code, settings.absentCodes)];
      if (mode.matching === 'profile_id' && !isSameProfileId(found.data.id, target.value)) {
        throw contradiction('response-unexpected', 'Altcraft shows another profile than the one that was asked for.');
      }
      return [{ type: 'present' }];
    },

    async checkAccess(call = {}): Promise<AccessReport> {
      const { databaseId, absentCodes } = settings;
      const list = await callAltcraft(
        listDatabases(settings),
        databasesSchema,
        'the list of databases',
        optionsOf(call),
      );
      if (list.type === 'refused') throw list.error;
      const proven: string[] = [];
      const unproven = ['Whether the role of the token may delete profiles shows only at the first deletion.'];
      if (list.data.some(({ id }) => String(id) === String(databaseId))) {
        proven.push(`The token sees database ${databaseId}.`);
      } else if ((list.totalCount ?? 0) > list.data.length) {
        unproven.push(`Database ${databaseId} is not among the ${list.data.length} that Altcraft lists in one answer.`);
      } else {
        throw new ConnectorError({
          code: 'setup-wrong',
          vendor: 'altcraft',
          message: `The token does not see database ${databaseId}. Check databaseId and the token’s object groups.`,
        });
      }
      const invented = await readProfile(profileIdFields(inventedProfileId), call);
      if (invented.type === 'done') {
        throw contradiction('response-unexpected', 'Altcraft shows a profile for an id that was made up.');
      }
      const { code } = invented;
      if (absentCodes.includes(code)) {
        proven.push(`Altcraft answers for a profile that does not exist with error ${code}, as absentCodes says.`);
      } else {
        unproven.push(
          `Altcraft answers for a profile that does not exist with error ${code}, which absentCodes does not list: ` +
            'a person who is gone already counts as a failure.',
        );
      }
      return { proven, unproven };
    },
  };
}

/**
 * What a refused read says. Altcraft does not document how it tells that there is no such profile, so any refusal that
 * is about the profile counts, save the numbers that mean, or may mean, something else (docs/vendors/altcraft.md).
 */
function absenceOf(code: number, absentCodes: readonly number[]): VerifyOutcome {
  const isUnclear = (code === 400 || code === 440) && !absentCodes.includes(code);
  if (!isUnclear) return { type: 'absent' };
  return { type: 'unknown', reason: `Altcraft refused the look-up with error ${code}, which does not mean absence.` };
}

function onlyTarget(targets: readonly Target[]): Target | undefined {
  if (targets.length <= 1) return targets[0];
  throw new ConnectorError({
    code: 'request-too-large',
    vendor: 'altcraft',
    message: `Altcraft takes one profile in a call, not ${targets.length}. Nothing was sent.`,
  });
}

function contradiction(code: ConnectorErrorCode, message: string): ConnectorError {
  return new ConnectorError({ code, vendor: 'altcraft', message });
}

function stillThere(code: ConnectorErrorCode): ConnectorError {
  return contradiction(
    code,
    'Altcraft reports the profile as deleted and still shows it. Where this installation needs time, set readBackById to ' +
      'false and verify later.',
  );
}
