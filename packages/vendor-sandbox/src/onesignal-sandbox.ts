import { createRateLimiter } from './kit/rate-limiter.ts';
import type { VendorReply, VendorRequest } from './kit/vendor-exchange.ts';
import { createVendorServer, type VendorServer } from './kit/vendor-server.ts';
import { createOneSignalApp, type OneSignalApp, type OneSignalUser } from './onesignal-app.ts';
import { limitOf, type VendorOptions } from './vendor-options.ts';

/** What the OneSignal sandbox accepts. Obviously fake. */
export const oneSignalSandboxCredentials = {
  appId: '00000000-0000-4000-8000-00000000a44b',
  apiKey: 'sandbox-app-api-key',
} as const;

/** Switches for what the documents leave open, or state in two ways. May be changed at any time, except the limits. */
export interface OneSignalSettings {
  /** From being accepted to being gone: "shortly after". */
  deletionDelayMs: number;
  /**
   * How a deletion is accepted: `accepted-202` with the user's id, `ok-200` without a body (as OneSignal's SDKs state
   * it), or `errors-in-202`, which accepts nothing: a filled list of errors with a success status, as elsewhere.
   */
  deleteReply: 'accepted-202' | 'ok-200' | 'errors-in-202';
  /** The form of a 404 for a user: a list of objects with codes, or one of texts. */
  userNotFound: 'codes' | 'texts';
  /** How a call to another app than the key's is answered: not documented. */
  appUnknown: 'unauthorized' | 'not-found-texts';
  /** Deletions a second, of anybody; read once at the start. */
  deletionsPerSecond: number;
  /** Deletions a second of the same user; read once at the start. */
  deletionsPerUserPerSecond: number;
  /** Views of users a second; read once at the start. */
  viewsPerSecond: number;
}

export interface OneSignalSandbox extends VendorServer, OneSignalApp {
  readonly credentials: typeof oneSignalSandboxCredentials;
  readonly settings: OneSignalSettings;
}

export interface OneSignalSandboxOptions extends VendorOptions {
  /** What differs from the default settings. */
  settings?: Partial<OneSignalSettings>;
}

const secondMs = 1000;
const userPath = /^\/apps\/([^/]+)\/users\/by\/([^/]+)\/([^/]+)$/;
const appPath = /^\/apps\/([^/]+)$/;

/** Fake OneSignal: one app, deletion and view of a user by alias, view of the app (docs/vendors/onesignal.md). */
export async function startOneSignalSandbox(options: OneSignalSandboxOptions): Promise<OneSignalSandbox> {
  const app = createOneSignalApp(options.clock);
  const settings: OneSignalSettings = {
    deletionDelayMs: 300_000,
    deleteReply: 'accepted-202',
    userNotFound: 'codes',
    appUnknown: 'unauthorized',
    deletionsPerSecond: 1000,
    deletionsPerUserPerSecond: 1,
    viewsPerSecond: 1,
    ...options.settings,
  };
  const perSecond = (max: number) =>
    createRateLimiter({ clock: options.limitClock, max: limitOf(options, max), windowMs: secondMs });
  const deletions = perSecond(settings.deletionsPerSecond);
  const deletionsOfOne = perSecond(settings.deletionsPerUserPerSecond);
  const views = perSecond(settings.viewsPerSecond);

  function handle(request: VendorRequest): VendorReply {
    const [, appId, label = '', alias = ''] = userPath.exec(request.path) ?? appPath.exec(request.path) ?? [];
    if (appId === undefined) return texts(404, 'Not found');
    const refused = refusal(request, decodeURIComponent(appId));
    if (refused !== undefined) return refused;
    if (label === '') return request.method === 'GET' ? viewApp() : texts(404, 'Not found');
    const named = [decodeURIComponent(label), decodeURIComponent(alias)] as const;
    const user = app.find(...named);
    switch (request.method) {
      case 'GET':
        return limited(views.take('app')) ?? (user === undefined ? userNotFound() : viewUser(user));
      case 'DELETE':
        return limited(deletions.take('app') || deletionsOfOne.take(JSON.stringify(named))) ?? deleteUser(user);
      default:
        return texts(404, 'Not found');
    }
  }

  function refusal({ headers }: VendorRequest, appId: string): VendorReply | undefined {
    const { authorization } = headers;
    if (authorization === undefined) {
      return codes(401, 'auth-1', "This operation requires 'Authorization' in the HTTP header");
    }
    const [, scheme = '', key] = /^(\w+) (.*)$/.exec(authorization) ?? [];
    if (scheme.toLowerCase() !== 'key' || key !== oneSignalSandboxCredentials.apiKey) {
      return codes(401, 'auth-2', 'The API key is not valid');
    }
    if (appId === oneSignalSandboxCredentials.appId) return undefined;
    return settings.appUnknown === 'unauthorized'
      ? codes(401, 'auth-3', 'The API key is not one of this app')
      : texts(404, 'App not found');
  }

  function deleteUser(user: OneSignalUser | undefined): VendorReply {
    if (user === undefined) return userNotFound();
    const act = () => app.planDeletion(user, settings.deletionDelayMs);
    const identity = { onesignal_id: user.onesignalId };
    switch (settings.deleteReply) {
      case 'accepted-202':
        return { status: 202, body: { identity }, act };
      case 'ok-200':
        return { status: 200, act };
      case 'errors-in-202':
        return { status: 202, body: { identity, errors: ['Not all of it could be done'] } };
    }
  }

  function userNotFound(): VendorReply {
    return settings.userNotFound === 'codes'
      ? codes(404, 'user-2', 'No user with this alias')
      : texts(404, 'User not found');
  }

  const server = await createVendorServer({
    ...options,
    name: 'OneSignal',
    handle,
    memory: app,
    routeOf: (path) => (userPath.test(path) ? '/apps/{app_id}/users/by/{alias_label}/{alias_id}' : path),
  });
  return { ...server, ...app, credentials: oneSignalSandboxCredentials, settings };
}

function viewUser({ aliases, email }: OneSignalUser): VendorReply {
  const subscriptions = email === undefined ? [] : [{ type: 'Email', token: email, enabled: true }];
  return { status: 200, body: { properties: { tags: {} }, identity: Object.fromEntries(aliases), subscriptions } };
}

function viewApp(): VendorReply {
  return { status: 200, body: { id: oneSignalSandboxCredentials.appId, name: 'Sandbox' } };
}

function limited(waitMs: number): VendorReply | undefined {
  if (waitMs === 0) return undefined;
  const headers = { 'retry-after': `${Math.ceil(waitMs / secondMs)}` };
  return { ...codes(429, 'Rate Limit Exceeded', 'API rate limit exceeded'), headers };
}

function codes(status: number, code: string, title: string): VendorReply {
  return { status, body: { errors: [{ code, title }] } };
}

function texts(status: number, text: string): VendorReply {
  return { status, body: { errors: [text] } };
}
