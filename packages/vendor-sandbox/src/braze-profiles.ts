import { createLazySchedule } from './kit/lazy-schedule.ts';
import { readPersonFields } from './kit/person-fields.ts';
import type { SandboxClock } from './kit/sandbox-clock.ts';
import type { VendorMemory } from './kit/vendor-memory.ts';

/** One of the ways in which Braze knows a profile. */
export type BrazeIdentifier =
  | { readonly kind: 'external_id' | 'braze_id'; readonly value: string }
  | { readonly kind: 'user_alias'; readonly label: string; readonly value: string };

/** A profile as an export shows it: what is missing is not there. */
export interface BrazeProfile {
  readonly external_id?: string;
  readonly braze_id: string;
  readonly user_aliases?: readonly { readonly alias_name: string; readonly alias_label: string }[];
}

/** What a workspace knows of people. */
export interface BrazeProfiles extends VendorMemory {
  /**
   * Puts profiles in: external ids, or `{ externalId?, brazeId?, aliasName?, aliasLabel? }`. A profile without an
   * external id is an anonymous one; Braze makes up a Braze id where none is given.
   */
  seed(people: readonly unknown[]): number;
  /** Whether there is a profile with this external id now. Exactly this one: no folding, no trimming. */
  has(externalId: string): boolean;
  /** The profile with this identifier, if there is one now. */
  find(identifier: BrazeIdentifier): BrazeProfile | undefined;
  /** Deletes the profiles that have these identifiers `afterMs` from now. Belongs into a reply's `act`. */
  forget(identifiers: readonly BrazeIdentifier[], afterMs: number): void;
}

/** Makes an empty workspace. What is planned is done when somebody looks, by the clock. */
export function createBrazeProfiles(clock: SandboxClock): BrazeProfiles {
  const profiles = new Map<string, BrazeProfile>();
  const schedule = createLazySchedule(clock);
  let made = 0;

  function find(identifier: BrazeIdentifier): BrazeProfile | undefined {
    schedule.runDue();
    return [...profiles.values()].find((profile) => isKnownBy(profile, identifier));
  }

  function has(externalId: string): boolean {
    return find({ kind: 'external_id', value: externalId }) !== undefined;
  }

  return {
    seed(people) {
      schedule.runDue();
      const seeded = people.map((person, position) => readProfile(person, position, () => `braze-id-${++made}`));
      for (const profile of seeded) {
        const known = profile.external_id;
        const same = known === undefined ? undefined : find({ kind: 'external_id', value: known });
        profiles.delete(same?.braze_id ?? '');
        profiles.set(profile.braze_id, profile);
      }
      return seeded.length;
    },
    has,
    find,
    forget(identifiers, afterMs) {
      schedule.plan(clock.now() + afterMs, () => {
        for (const [brazeId, profile] of profiles) {
          if (identifiers.some((identifier) => isKnownBy(profile, identifier))) profiles.delete(brazeId);
        }
      });
    },
    lookup: (ids) => ids.map((id) => ({ id, hasProfile: has(id), hasEvents: has(id) })),
    count() {
      schedule.runDue();
      return { profiles: profiles.size };
    },
  };
}

function isKnownBy(profile: BrazeProfile, identifier: BrazeIdentifier): boolean {
  if (identifier.kind !== 'user_alias') return profile[identifier.kind] === identifier.value;
  const { label, value } = identifier;
  return (profile.user_aliases ?? []).some((alias) => alias.alias_label === label && alias.alias_name === value);
}

function readProfile(person: unknown, position: number, makeBrazeId: () => string): BrazeProfile {
  const fields = readPersonFields(typeof person === 'string' ? { externalId: person } : person, position);
  const externalId = fields.text('externalId');
  const brazeId = fields.text('brazeId') ?? makeBrazeId();
  const aliasName = fields.text('aliasName');
  const aliasLabel = fields.text('aliasLabel');
  fields.end();
  if ((aliasName === undefined) !== (aliasLabel === undefined)) {
    throw new Error(`Person ${position}: an alias has an "aliasName" and an "aliasLabel".`);
  }
  return {
    ...(externalId === undefined ? {} : { external_id: externalId }),
    braze_id: brazeId,
    ...(aliasName === undefined || aliasLabel === undefined
      ? {}
      : { user_aliases: [{ alias_name: aliasName, alias_label: aliasLabel }] }),
  };
}
