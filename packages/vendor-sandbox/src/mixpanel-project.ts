import { createLazySchedule } from './kit/lazy-schedule.ts';
import { readPersonFields } from './kit/person-fields.ts';
import type { SandboxClock } from './kit/sandbox-clock.ts';
import type { VendorMemory } from './kit/vendor-memory.ts';

/** A person to put into a project's memory. A text alone stands for `{ distinctId: text }`. */
export interface MixpanelPerson {
  distinctId: string;
  email?: string;
  /** Other ids that lead to this one. */
  aliases?: readonly string[];
  /** True unless told. */
  hasProfile?: boolean;
  /** True unless told. */
  hasEvents?: boolean;
}

export type MixpanelProperties = Readonly<Record<string, unknown>>;

export interface MixpanelProject extends VendorMemory {
  readonly projectId: number;
  readonly projectToken: string;
  seed(people: readonly (string | MixpanelPerson)[]): number;
  /** Whether a profile stands under exactly this id; aliases are not followed. */
  hasProfile(distinctId: string): boolean;
  /** Whether events stand under exactly this id; aliases are not followed. */
  hasEvents(distinctId: string): boolean;
  profile(distinctId: string): MixpanelProperties | undefined;
  /** All ids that have a profile. */
  profileIds(): readonly string[];
  /** The id that an alias leads to, or the id itself. */
  resolve(distinctId: string): string;
  setProfile(distinctId: string, properties: MixpanelProperties): void;
  /** Removes the profile after this delay and leaves the events. */
  deleteProfile(distinctId: string, delayMs: number): void;
  /** Removes profile and events of the id and, for an alias, of the id that it leads to. */
  erase(distinctId: string): void;
}

export interface MixpanelProjectOptions {
  projectId: number;
  projectToken: string;
  clock: SandboxClock;
  /** Runs before the memory is looked at: for work that is due. */
  beforeLook: () => void;
}

/** The memory of one Mixpanel project. */
export function createMixpanelProject(options: MixpanelProjectOptions): MixpanelProject {
  const { projectId, projectToken, clock, beforeLook } = options;
  const profiles = new Map<string, MixpanelProperties>();
  const events = new Set<string>();
  const aliases = new Map<string, string>();
  const schedule = createLazySchedule(clock);

  function settle(): void {
    schedule.runDue();
    beforeLook();
  }

  function remember({ distinctId, email, aliases: others, hasProfile, hasEvents }: ParsedPerson): void {
    if (hasProfile) profiles.set(distinctId, email === undefined ? {} : { $email: email });
    if (hasEvents) events.add(distinctId);
    for (const alias of others) aliases.set(alias, distinctId);
  }

  const resolve = (distinctId: string) => aliases.get(distinctId) ?? distinctId;

  return {
    projectId,
    projectToken,
    seed(people) {
      settle();
      const parsed = people.map(parsePerson);
      for (const person of parsed) remember(person);
      return parsed.length;
    },
    lookup(ids) {
      settle();
      return ids.map((id) => ({ id, hasProfile: profiles.has(id), hasEvents: events.has(id) }));
    },
    count() {
      settle();
      return { profiles: profiles.size, events: events.size };
    },
    hasProfile(distinctId) {
      settle();
      return profiles.has(distinctId);
    },
    hasEvents(distinctId) {
      settle();
      return events.has(distinctId);
    },
    profile(distinctId) {
      settle();
      return profiles.get(distinctId);
    },
    profileIds() {
      settle();
      return [...profiles.keys()];
    },
    resolve,
    setProfile(distinctId, properties) {
      settle();
      profiles.set(distinctId, { ...profiles.get(distinctId), ...properties });
    },
    deleteProfile(distinctId, delayMs) {
      if (delayMs > 0) schedule.plan(clock.now() + delayMs, () => profiles.delete(distinctId));
      else profiles.delete(distinctId);
    },
    erase(distinctId) {
      for (const id of [distinctId, resolve(distinctId)]) {
        profiles.delete(id);
        events.delete(id);
      }
    },
  };
}

type ParsedPerson = ReturnType<typeof parsePerson>;

function parsePerson(value: unknown, position: number) {
  const fields = readPersonFields(typeof value === 'string' ? { distinctId: value } : value, position);
  const person = {
    distinctId: fields.requiredText('distinctId'),
    email: fields.text('email'),
    aliases: fields.texts('aliases'),
    hasProfile: fields.flag('hasProfile') ?? true,
    hasEvents: fields.flag('hasEvents') ?? true,
  };
  fields.end();
  return person;
}
