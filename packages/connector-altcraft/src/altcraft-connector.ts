import {
  type AccessReport,
  type CallOptions,
  ConnectorError,
  type DeletionConnector,
  notCalled,
  type SubmitOutcome,
  type Target,
  type VerifyOutcome,
} from '@expunge/core';
import { expectSame, type SendOptions } from '@expunge/http-client';
import { matchingFields, profileIdFields } from './altcraft-api.ts';
import type { AltcraftCallOptions } from './altcraft-call.ts';
import { altcraftCapabilities } from './altcraft-capabilities.ts';
import { createAltcraftDeletion } from './altcraft-deletion.ts';
import { type AltcraftOptions, parseAltcraftOptions } from './altcraft-options.ts';
import { isSameProfileId, ownershipOf } from './altcraft-profile-match.ts';
import { createAltcraftReader } from './altcraft-reader.ts';
import { unaddressableRejection } from './altcraft-rejection.ts';
import { targetsOf } from './altcraft-targets.ts';
import { createRecentReads } from './recent-reads.ts';

// Nobody's profile id. A deletion is never sent for it; it is only looked up.
const inventedProfileId = '0'.repeat(24);

/**
 * Deletes profiles at Altcraft: looks the person up, deletes by profile id, and looks for what is left.
 *
 * @param collaborators - With `now`, a look-up of the last minutes need not be repeated.
 * @throws OptionsError naming every wrong key.
 */
export function createAltcraftConnector(
  options: AltcraftOptions,
  collaborators: {
    readonly dispatcher?: NonNullable<SendOptions['dispatcher']>;
    readonly now?: () => number;
  } = {},
): DeletionConnector {
  const settings = parseAltcraftOptions(options);

  const optionsOf = (call: CallOptions): AltcraftCallOptions => ({
    dispatcher: collaborators.dispatcher,
    timeoutMs: settings.timeoutMs,
    call,
  });
  const reader = createAltcraftReader(settings, optionsOf);
  const recent = createRecentReads(collaborators.now);
  const { findAndDelete, deleteDirectly } = createAltcraftDeletion({ settings, reader, recent, optionsOf });

  /** How Altcraft is told whom a target means. A text says why it can't be. */
  function addressOf(target: Target) {
    const mode = settings.matchings.find(({ type }) => type === target.type);
    if (mode === undefined) return 'type-unknown';
    const fields = matchingFields(settings, mode, target.value);
    return typeof fields === 'string' ? fields : { mode, fields };
  }

  return {
    specVersion: 'v1',
    vendor: 'altcraft',
    operation: 'profile',
    capabilities: altcraftCapabilities(settings),
    targetsOf: (subject) => targetsOf(subject, settings),

    async submit(targets, call = {}): Promise<readonly SubmitOutcome[]> {
      const target = onlyTarget(targets);
      if (target === undefined) return [];
      const address = addressOf(target);
      if (typeof address === 'string') return [unaddressableRejection(address)];
      const { mode, fields } = address;
      if (mode.matching === 'profile_id') return [await deleteDirectly(fields, target.value, call)];
      if (!settings.lookUp) return [await deleteDirectly(fields, undefined, call)];
      return [await findAndDelete(target, mode, fields, call)];
    },

    async verify(targets, call = {}): Promise<readonly VerifyOutcome[]> {
      const target = onlyTarget(targets);
      if (target === undefined) return [];
      const address = addressOf(target);
      if (typeof address === 'string') {
        return [{ type: 'unknown', reason: 'Altcraft can’t be asked by this identifier.' }];
      }
      const { mode, fields } = address;
      // The deletion has just asked the same question. Not where this installation needs time.
      if (recent.take(target) === 'absent' && settings.readBackAfterMs === 0) return [{ type: 'absent' }];
      const found = await reader.readProfile(fields, call);
      if (found.type === 'refused') {
        return [(await reader.meansAbsence(found.code, call)) ? { type: 'absent' } : unclear(found.code)];
      }
      const { id } = found.data;
      if (mode.matching === 'profile_id') {
        if (!isSameProfileId(id, target.value)) {
          expectSame(id, target.value, { vendor: 'altcraft', what: 'the look-up', field: 'id' });
        }
        return [{ type: 'present' }];
      }
      if (ownershipOf(found.data, mode, target, settings).type !== 'own') return [somebodyElse];
      if (settings.lookUp) recent.keep(target, { profileId: id });
      return [{ type: 'present' }];
    },

    async checkAccess(call = {}): Promise<AccessReport> {
      const { databaseId, absentCodes } = settings;
      const proven: string[] = [];
      const unproven = ['Whether the role of the token may delete profiles shows only at the first deletion.'];
      if (await reader.seesDatabase(call)) proven.push(`The token sees database ${databaseId}.`);
      else unproven.push(`Database ${databaseId} is not among those that Altcraft lists in one answer.`);
      const invented = await reader.readProfile(profileIdFields(inventedProfileId), call);
      if (invented.type === 'done') {
        const message = 'Altcraft shows a profile for an id that was made up.';
        throw new ConnectorError({ code: 'answer-contradictory', vendor: 'altcraft', message });
      }
      const { code } = invented;
      if (absentCodes.includes(code)) {
        proven.push(`Altcraft answers for a profile that does not exist with error ${code}, as absentCodes says.`);
      } else {
        unproven.push(
          `Altcraft answers for a profile that does not exist with error ${code}, which absentCodes does not list: a person ` +
            'who is gone already counts as a failure, and no read-back proves a deletion. If you take that number for "no ' +
            `such profile", add this line to the options: absentCodes: ${JSON.stringify([...absentCodes, code])}`,
        );
      }
      return { proven, unproven };
    },
  };
}

const somebodyElse: VerifyOutcome = {
  type: 'unknown',
  reason: 'The profile that Altcraft finds by the identifier is somebody else’s. One of the person may hide behind it.',
};

function unclear(code: number): VerifyOutcome {
  const reason = `Altcraft refused the look-up with error ${code}. Whether that means "no such profile", absentCodes has to say.`;
  return { type: 'unknown', reason };
}

function onlyTarget(targets: readonly Target[]): Target | undefined {
  if (targets.length <= 1) return targets[0];
  throw notCalled('altcraft', 'request-too-large', `Altcraft takes one profile in a call, not ${targets.length}.`);
}
