import { type AltcraftCall, readAltcraftCall, readNumber, readQuestion } from './altcraft-call.ts';
import type { AltcraftDatabase, AltcraftMatchingMode, AltcraftProfile } from './altcraft-database.ts';
import { type AltcraftSettings, altcraftSandboxCredentials } from './altcraft-settings.ts';
import { toAltcraftXml } from './altcraft-xml.ts';
import type { VendorReply, VendorRequest } from './kit/vendor-exchange.ts';

/** What a call comes to, before it is put into the envelope. */
interface Answer {
  /** 0: done. */
  readonly code: number;
  readonly text: string;
  readonly data?: unknown;
  /** Fields beside `data`. */
  readonly extra?: Record<string, unknown>;
  readonly act?: () => void;
}

// The delete method documents these four; the general matching page has more (docs/vendors/altcraft.md).
const deleteModes: readonly AltcraftMatchingMode[] = ['email', 'phone', 'profile_id', 'custom'];

/** The API as far as deleting, reading back and checking a token go. */
export class AltcraftApi {
  private readonly settings: AltcraftSettings;
  private readonly database: AltcraftDatabase;

  constructor(settings: AltcraftSettings, database: AltcraftDatabase) {
    this.settings = settings;
    this.database = database;
  }

  /** Answers one call. */
  handle(request: VendorRequest): VendorReply {
    const call = readAltcraftCall(request);
    const { code, text, data, extra, act } = this.answer(request, call);
    const envelope = { ...(data === undefined ? {} : { data }), ...extra, error: code, error_text: text };
    const isXml = call.replyFormat === 'xml';
    return {
      status: this.settings.mirrorHttpStatus && code >= 400 && code < 600 ? code : 200,
      headers: { 'content-type': isXml ? 'application/xml; charset=utf-8' : 'application/json; charset=utf-8' },
      body: isXml ? toAltcraftXml(envelope) : envelope,
      ...(act === undefined ? {} : { act }),
    };
  }

  private answer(request: VendorRequest, call: AltcraftCall): Answer {
    const { codes } = this.settings;
    const method = /^\/api\/v1\.1\/(.+?)\/?$/.exec(request.path)?.[1];
    const answers: Record<string, (call: AltcraftCall) => Answer> = {
      'profiles/delete': (given) => this.deleteProfile(given),
      'profiles/get': (given) => this.getProfile(given),
      'databases/list': (given) => this.listDatabases(given),
    };
    const answer = request.method === 'POST' ? answers[method ?? ''] : undefined;
    if (answer === undefined) return { code: 404, text: 'Unknown method' };
    if (call.fields === undefined) return { code: 400, text: 'Bad request' };
    if (call.token === undefined) return { code: 401, text: 'API token is missing' };
    if (call.token !== altcraftSandboxCredentials.token) return { code: codes.tokenUnknown, text: 'No access' };
    if (this.settings.tariffLimitReached) return { code: 402, text: 'The tariff limit is reached' };
    return answer(call);
  }

  private deleteProfile(call: AltcraftCall): Answer {
    if (!this.settings.mayDeleteProfiles) return { code: 403, text: 'No permission to delete profiles' };
    const found = this.findProfile(call, deleteModes);
    if (!('profile' in found)) return found;
    const { id } = found.profile;
    return { ...done, data: { profile_id: id }, act: () => this.database.remove(id) };
  }

  private getProfile(call: AltcraftCall): Answer {
    const found = this.findProfile(call);
    return 'profile' in found ? { ...done, data: shown(found.profile) } : found;
  }

  private listDatabases({ fields = {}, isText }: AltcraftCall): Answer {
    const fromId = fields.from_id === undefined ? 1 : readNumber(fields.from_id, isText);
    const limit = fields.limit === undefined ? 1000 : readNumber(fields.limit, isText);
    if (fromId === undefined || limit === undefined || limit < 1) return { code: 400, text: 'Bad request' };
    const later = [...this.settings.databases].filter(({ id }) => id >= fromId).sort((one, two) => one.id - two.id);
    const next = later[limit];
    return {
      ...done,
      data: later.slice(0, limit).map(({ id, name }) => ({ id, name })),
      extra: {
        ...(next === undefined ? {} : { next_from_id: next.id }),
        total_count: this.settings.databases.length,
      },
    };
  }

  private findProfile(
    call: AltcraftCall,
    modes?: readonly AltcraftMatchingMode[],
  ): Answer | { readonly profile: AltcraftProfile } {
    const { settings } = this;
    const databaseId = readNumber(call.fields?.db_id, call.isText);
    const question = readQuestion(call);
    const isKnownMode = question !== undefined && (modes === undefined || modes.includes(question.mode));
    if (databaseId === undefined || question === undefined || !isKnownMode) return { code: 400, text: 'Bad request' };
    if (!settings.databases.some(({ id }) => id === databaseId)) {
      return { code: settings.codes.databaseUnknown, text: 'Unknown database' };
    }
    const strictFieldTypes = settings.strictFieldTypes && !call.isText;
    const [profile, ...others] = this.database.find(databaseId, { ...question, strictFieldTypes });
    if (profile === undefined) return { code: settings.codes.profileUnknown, text: 'Unknown profile' };
    if (others.length > 0 && settings.severalMatches === 'refuse') return { code: 400, text: 'Several profiles match' };
    return { profile };
  }
}

const done = { code: 0, text: 'Successful operation' } as const;

/** A profile as `profiles/get` shows it: the key is `id` here and `profile_id` in the reply of a deletion. */
function shown(profile: AltcraftProfile): object {
  return {
    ...profile.fields,
    id: profile.id,
    db_id: profile.databaseId,
    _status: 'active',
    email: profile.email ?? '',
    phones: profile.phones,
    subscriptions: profile.subscriptions.map(({ channel, resourceId, email, phone, isDeleted = false }, index) => ({
      channel,
      resource_id: resourceId,
      ...(email === undefined ? {} : { email }),
      ...(phone === undefined ? {} : { phone }),
      hash_id: `hash-${index}`,
      is_delete: isDeleted,
    })),
  };
}
