import { createHash } from 'node:crypto';
import { createLazySchedule } from './kit/lazy-schedule.ts';
import { readPersonFields } from './kit/person-fields.ts';
import type { SandboxClock } from './kit/sandbox-clock.ts';
import { asRecord } from './kit/vendor-exchange.ts';
import type { PersonState, VendorMemory } from './kit/vendor-memory.ts';

/** A user to put into the app's memory. A text alone stands for `{ externalId: text }`. */
export interface OneSignalPerson {
  externalId: string;
  /** Makes an e-mail subscription. */
  email?: string;
  /** Custom aliases by their labels. */
  aliases?: Readonly<Record<string, string>>;
}

export interface OneSignalUser {
  readonly onesignalId: string;
  readonly email: string | undefined;
  /** Every alias by its label, `external_id` and `onesignal_id` among them. */
  readonly aliases: ReadonlyMap<string, string>;
}

export interface OneSignalApp extends VendorMemory {
  seed(people: readonly (string | OneSignalPerson)[]): number;
  /** By the company's own id. */
  hasUser(externalId: string): boolean;
  /** Whether a deletion of this user was accepted and is not carried out yet. */
  isBeingDeleted(externalId: string): boolean;
  find(label: string, value: string): OneSignalUser | undefined;
  /** Lets a user go `delayMs` from now. */
  planDeletion(user: OneSignalUser, delayMs: number): void;
}

/** The memory of one OneSignal app. Deletions that are due are carried out whenever the memory is looked at. */
export function createOneSignalApp(clock: SandboxClock): OneSignalApp {
  const byAlias = new Map<string, OneSignalUser>();
  const schedule = createLazySchedule(clock);
  const leaving = new Set<OneSignalUser>();

  function find(label: string, value: string): OneSignalUser | undefined {
    schedule.runDue();
    return byAlias.get(aliasKey(label, value));
  }

  function forget(user: OneSignalUser): void {
    leaving.delete(user);
    for (const [label, value] of user.aliases) {
      // A user of the same name may have come since.
      if (byAlias.get(aliasKey(label, value)) === user) byAlias.delete(aliasKey(label, value));
    }
  }

  const users = () => new Set(byAlias.values());
  const isBeingDeleted = (user: OneSignalUser | undefined) => user !== undefined && leaving.has(user);

  return {
    seed(people) {
      schedule.runDue();
      const added = people.map(parsePerson);
      for (const user of added) {
        for (const [label, value] of user.aliases) byAlias.set(aliasKey(label, value), user);
      }
      return added.length;
    },
    lookup: (ids): PersonState[] =>
      ids.map((id) => {
        const user = find('external_id', id);
        const isKnown = user !== undefined;
        return { id, hasProfile: isKnown, hasEvents: isKnown, isBeingDeleted: isBeingDeleted(user) };
      }),
    count() {
      schedule.runDue();
      return { users: users().size, leaving: leaving.size };
    },
    hasUser: (externalId) => find('external_id', externalId) !== undefined,
    isBeingDeleted: (externalId) => isBeingDeleted(find('external_id', externalId)),
    find,
    planDeletion(user, delayMs) {
      leaving.add(user);
      schedule.plan(clock.now() + delayMs, () => forget(user));
    },
  };
}

function aliasKey(label: string, value: string): string {
  return JSON.stringify([label, value]);
}

function parsePerson(value: unknown, position: number): OneSignalUser {
  const given = typeof value === 'string' ? { externalId: value } : value;
  const { aliases = {}, ...rest } = asRecord(given) ?? {};
  const fields = readPersonFields(asRecord(given) === undefined ? given : rest, position);
  const externalId = fields.requiredText('externalId');
  const email = fields.text('email');
  fields.end();
  const custom = Object.entries(asRecord(aliases) ?? { aliases: undefined });
  const texts = custom.filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  if (texts.length < custom.length) throw new Error(`Person ${position}: "aliases" must be texts by their labels.`);
  const onesignalId = uuidOf(externalId);
  return {
    onesignalId,
    email,
    aliases: new Map([...texts, ['external_id', externalId], ['onesignal_id', onesignalId]]),
  };
}

/** A UUID of version 4 in form, always the same for the same text. */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
