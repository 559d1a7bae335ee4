import { createLazySchedule } from './kit/lazy-schedule.ts';
import { readPersonFields } from './kit/person-fields.ts';
import type { SandboxClock } from './kit/sandbox-clock.ts';
import type { PersonState, VendorMemory } from './kit/vendor-memory.ts';

/** A person to put into the account's memory. A text alone stands for `{ identity: text }`. */
export interface CleverTapPerson {
  identity: string;
  email?: string;
  /** CleverTap ids, one per device; one made from the identity unless told. */
  guids?: readonly string[];
  /** True unless told. */
  hasEvents?: boolean;
}

export interface CleverTapProfile {
  readonly identity: string;
  readonly email: string | undefined;
  readonly guids: readonly string[];
  readonly hasEvents: boolean;
}

export type CleverTapKey = 'identity' | 'guid';

export interface CleverTapAccount extends VendorMemory {
  seed(people: readonly (string | CleverTapPerson)[]): number;
  /** By the company's own id. */
  hasProfile(identity: string): boolean;
  hasProfileWithGuid(guid: string): boolean;
  /** Whether the person's events can still be queried. */
  hasEvents(identity: string): boolean;
  /** Whether a deletion of this identity or guid is waiting for its day to pass. */
  isQueued(identityOrGuid: string): boolean;
  find(key: CleverTapKey | 'email', value: string): CleverTapProfile | undefined;
  /** Queues a deletion that is carried out `delayMs` from now. `device`: by guid, and only that device of the profile. */
  queueDeletion(key: CleverTapKey | 'device', values: readonly string[], delayMs: number): void;
}

/** The memory of one CleverTap account. Deletions that are due are carried out whenever the memory is looked at. */
export function createCleverTapAccount(clock: SandboxClock): CleverTapAccount {
  const byIdentity = new Map<string, CleverTapProfile>();
  const byGuid = new Map<string, CleverTapProfile>();
  const byEmail = new Map<string, CleverTapProfile>();
  const schedule = createLazySchedule(clock);
  /** How many queued deletions name this identity or guid. */
  const queued = new Map<string, number>();

  function forget(profile: CleverTapProfile): void {
    byIdentity.delete(profile.identity);
    for (const guid of profile.guids) byGuid.delete(guid);
    if (profile.email !== undefined) byEmail.delete(profile.email);
  }

  function remember(profile: CleverTapProfile): void {
    const previous = byIdentity.get(profile.identity);
    if (previous !== undefined) forget(previous);
    byIdentity.set(profile.identity, profile);
    for (const guid of profile.guids) byGuid.set(guid, profile);
    if (profile.email !== undefined) byEmail.set(profile.email, profile);
  }

  function find(key: CleverTapKey | 'email', value: string): CleverTapProfile | undefined {
    schedule.runDue();
    return { identity: byIdentity, guid: byGuid, email: byEmail }[key].get(value);
  }

  function carryOut(key: CleverTapKey | 'device', values: readonly string[]): void {
    for (const value of values) {
      const left = (queued.get(value) ?? 1) - 1;
      if (left > 0) queued.set(value, left);
      else queued.delete(value);
      const profile = (key === 'identity' ? byIdentity : byGuid).get(value);
      if (profile === undefined) continue;
      forget(profile);
      const guids = profile.guids.filter((guid) => guid !== value);
      if (key === 'device' && guids.length > 0) remember({ ...profile, guids });
    }
  }

  return {
    seed(people) {
      schedule.runDue();
      const profiles = people.map(parsePerson);
      for (const profile of profiles) remember(profile);
      return profiles.length;
    },
    lookup(ids): PersonState[] {
      schedule.runDue();
      return ids.map((id) => {
        const profile = byIdentity.get(id) ?? byGuid.get(id);
        return {
          id,
          hasProfile: profile !== undefined,
          hasEvents: profile?.hasEvents ?? false,
          isQueued: queued.has(id),
        };
      });
    },
    count() {
      schedule.runDue();
      return { profiles: byIdentity.size, queued: queued.size };
    },
    hasProfile: (identity) => find('identity', identity) !== undefined,
    hasProfileWithGuid: (guid) => find('guid', guid) !== undefined,
    hasEvents: (identity) => find('identity', identity)?.hasEvents ?? false,
    isQueued(identityOrGuid) {
      schedule.runDue();
      return queued.has(identityOrGuid);
    },
    find,
    queueDeletion(key, values, delayMs) {
      for (const value of values) queued.set(value, (queued.get(value) ?? 0) + 1);
      schedule.plan(clock.now() + delayMs, () => carryOut(key, values));
    },
  };
}

function parsePerson(value: unknown, position: number): CleverTapProfile {
  const fields = readPersonFields(typeof value === 'string' ? { identity: value } : value, position);
  const identity = fields.requiredText('identity');
  const guids = fields.texts('guids');
  const profile: CleverTapProfile = {
    identity,
    email: fields.text('email'),
    guids: guids.length > 0 ? guids : [`ctid-${identity}`],
    hasEvents: fields.flag('hasEvents') ?? true,
  };
  fields.end();
  return profile;
}
