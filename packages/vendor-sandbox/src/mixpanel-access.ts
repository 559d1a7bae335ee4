import type { VendorReply, VendorRequest } from './kit/vendor-exchange.ts';

/** What the Mixpanel sandbox accepts. Obviously fake. */
export const mixpanelSandboxCredentials = {
  projectId: 4_700_001,
  projectToken: 'sandbox-project-token',
  /** A person's GDPR token with rights in the project. */
  oauthToken: 'sandbox-oauth-token',
  /** A person's GDPR token that is valid but has no rights in the project. */
  strangerOauthToken: 'sandbox-stranger-oauth-token',
  serviceAccount: { username: 'sandbox-service-account', secret: 'sandbox-service-secret' },
  /** A service account that exists but is no member of the project. */
  strangerServiceAccount: { username: 'sandbox-stranger-account', secret: 'sandbox-stranger-secret' },
} as const;

export interface ServiceAccount {
  readonly username: string;
  readonly secret: string;
}

/** Who may do what in which project. */
export interface MixpanelAccess {
  grantOauthToken(token: string, projectId?: number): void;
  grantServiceAccount(account: ServiceAccount, projectId?: number): void;
  /** The projects that the request's bearer token may delete from, or the refusal of an unknown token. */
  projectsOfBearer(request: VendorRequest): ReadonlySet<number> | VendorReply;
  /** The projects that the request's service account is a member of, or the refusal of an unknown account. */
  projectsOfServiceAccount(request: VendorRequest): ReadonlySet<number> | VendorReply;
}

export function createMixpanelAccess(): MixpanelAccess {
  const oauthTokens = new Map<string, Set<number>>();
  const serviceAccounts = new Map<string, Set<number>>();
  return {
    grantOauthToken: (token, projectId) => grant(oauthTokens, token, projectId),
    grantServiceAccount: (account, projectId) => grant(serviceAccounts, basicOf(account), projectId),
    projectsOfBearer({ headers }) {
      const token = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1] ?? '';
      return oauthTokens.get(token) ?? mixpanelError(401, 'Invalid or expired OAuth token');
    },
    projectsOfServiceAccount({ headers }) {
      const credentials = /^Basic (.+)$/i.exec(headers.authorization ?? '')?.[1] ?? '';
      return serviceAccounts.get(credentials) ?? mixpanelError(401, 'Invalid service account credentials');
    },
  };
}

function basicOf({ username, secret }: ServiceAccount): string {
  return Buffer.from(`${username}:${secret}`).toString('base64');
}

function grant(holders: Map<string, Set<number>>, holder: string, projectId: number | undefined): void {
  const projects = holders.get(holder) ?? new Set<number>();
  holders.set(holder, projects);
  if (projectId !== undefined) projects.add(projectId);
}

/** The error form of Mixpanel's app and ingestion APIs. */
export function mixpanelError(status: number, error: unknown): VendorReply {
  return { status, body: { error, status: 'error' } };
}
