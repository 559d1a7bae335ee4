import { AltcraftApi } from './altcraft-api.ts';
import { AltcraftDatabase, type AltcraftProfile } from './altcraft-database.ts';
import { type AltcraftPerson, parseAltcraftPerson } from './altcraft-people.ts';
import { type AltcraftSettings, altcraftSandboxCredentials, defaultAltcraftSettings } from './altcraft-settings.ts';
import type { VendorMemory } from './kit/vendor-memory.ts';
import { createVendorServer, type VendorServer } from './kit/vendor-server.ts';
import type { VendorOptions } from './vendor-options.ts';

/** A fake Altcraft: one account, deleting and reading profiles in JSON and XML, and the questions a test asks its memory. */
export interface AltcraftSandbox extends VendorServer, VendorMemory {
  readonly credentials: typeof altcraftSandboxCredentials;
  /** May be changed at any time. */
  readonly settings: AltcraftSettings;
  /** Adds profiles. */
  seed(people: readonly (string | AltcraftPerson)[] | readonly unknown[]): number;
  /** Whether a profile with this id is still there. */
  hasProfile(profileId: string): boolean;
  /** The ids of the profiles that hold a value anywhere: as id, address, number or in a field. */
  profileIdsOf(value: string | number): readonly string[];
}

/** What a fake Altcraft is started with. */
export interface AltcraftSandboxOptions extends VendorOptions {
  /** What differs from the default account. */
  readonly settings?: Partial<AltcraftSettings>;
}

/** Starts a fake Altcraft (docs/vendors/altcraft.md). */
export async function startAltcraftSandbox(options: AltcraftSandboxOptions): Promise<AltcraftSandbox> {
  const settings: AltcraftSettings = { ...defaultAltcraftSettings(), ...options.settings };
  const database = new AltcraftDatabase();
  const api = new AltcraftApi(settings, database);
  const profileIdsOf = (value: string | number) => database.holding(value).map(({ id }) => id);

  const memory: VendorMemory = {
    seed(people) {
      const profiles: AltcraftProfile[] = people.map(parseAltcraftPerson);
      for (const profile of profiles) database.add(profile);
      return profiles.length;
    },
    // A deletion takes the history with it, so there are events exactly where there is a profile.
    lookup: (ids) =>
      ids.map((id) => {
        const profileIds = profileIdsOf(id);
        return { id, hasProfile: profileIds.length > 0, hasEvents: profileIds.length > 0, profileIds };
      }),
    count: () => ({ profiles: database.size }),
  };

  const server = await createVendorServer({
    ...options,
    name: 'Altcraft',
    handle: (request) => api.handle(request),
    memory,
    routeOf: (path) => path.replace(/\/$/, ''),
  });
  return {
    ...server,
    ...memory,
    credentials: altcraftSandboxCredentials,
    settings,
    hasProfile: (profileId) => database.get(profileId) !== undefined,
    profileIdsOf,
  };
}
