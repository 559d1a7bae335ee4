import { ConnectorError, type ConnectorErrorCode, type DeletionConnector, type Receipt } from '@expunge/core';
import { mixpanelSandboxCredentials, type Sandbox } from '@expunge/vendor-sandbox';
import { createMixpanelConnector, type MixpanelGdprOptions, type MixpanelProfileOptions } from '../src/index.ts';

const { projectId, projectToken, oauthToken, serviceAccount } = mixpanelSandboxCredentials;

/** The people in every test project. */
export const people = ['ada', 'grace', 'mary'];
export const secondMs = 1000;
export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;
/** What makes a connector able to read back. */
export const reader = { serviceAccount, projectId };

export type MixpanelOnly = Sandbox<'mixpanel'>;

export function connectProfile({ mixpanel }: MixpanelOnly, overrides: Partial<MixpanelProfileOptions> = {}) {
  return createMixpanelConnector({ api: 'profile', projectToken, baseUrl: mixpanel.url, ...overrides });
}

export function connectGdpr(
  { mixpanel }: MixpanelOnly,
  overrides: Partial<MixpanelGdprOptions> = {},
): DeletionConnector {
  return createMixpanelConnector({ api: 'gdpr', projectToken, oauthToken, baseUrl: mixpanel.url, ...overrides });
}

export function targets(...values: string[]) {
  return values.map((value) => ({ type: 'distinct_id', value }));
}

/** Files a task, waits out Mixpanel's one call a second, and gives the receipts. */
export async function submitAll(sandbox: MixpanelOnly, ...values: string[]): Promise<Receipt[]> {
  const outcomes = await connectGdpr(sandbox).submit(targets(...values));
  sandbox.clock.advance(secondMs);
  return outcomes.map((outcome) => {
    if (outcome.type !== 'accepted' || outcome.receipt === undefined) throw new Error('There is no receipt.');
    return outcome.receipt;
  });
}

export async function submitOne(sandbox: MixpanelOnly, value: string): Promise<Receipt> {
  const [receipt] = await submitAll(sandbox, value);
  if (receipt === undefined) throw new Error('There is no outcome.');
  return receipt;
}

/** Asks how a submission stands: for whom its tasks were made, unless told otherwise. */
export function check(sandbox: MixpanelOnly, receipt: Receipt, ...values: string[]) {
  sandbox.clock.advance(secondMs);
  return connectGdpr(sandbox).check?.(receipt, values.length > 0 ? targets(...values) : targetsOf(sandbox, receipt));
}

export function cancel(sandbox: MixpanelOnly, receipt: Receipt) {
  sandbox.clock.advance(secondMs);
  return connectGdpr(sandbox).cancel?.(receipt, targetsOf(sandbox, receipt));
}

function targetsOf({ mixpanel }: MixpanelOnly, { taskIds: ids }: Receipt) {
  const tasks = mixpanel.tasks.filter(({ id }) => Array.isArray(ids) && ids.includes(id));
  return targets(...tasks.flatMap(({ distinctIds }) => distinctIds));
}

/** Whom the project still knows anything of. */
export function remaining({ mixpanel }: MixpanelOnly): string[] {
  return people.filter((id) => mixpanel.hasProfile(id) || mixpanel.hasEvents(id));
}

export function taskIds({ mixpanel }: MixpanelOnly): string[] {
  return mixpanel.tasks.map(({ id }) => id);
}

/** How a call ends. Fails where the error names a person or a credential. */
export async function codeOf(call: Promise<unknown> | undefined): Promise<ConnectorErrorCode | 'no error'> {
  try {
    await call;
    return 'no error';
  } catch (error) {
    if (!ConnectorError.isInstance(error)) throw error;
    if (/ada|grace|mary|sandbox-/.test(error.message)) throw new Error('The error names a person or a credential.');
    return error.code;
  }
}
