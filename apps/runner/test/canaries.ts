import { goodSecrets } from './expunge-process.ts';
import type { Canary } from './find-leaks.ts';

/** A person who stands on the lists of the tests, with one identifier of each kind. */
export const canaryPerson = {
  user_id: 'canary-user-q7zx91',
  email: 'canary+mail.q7zx92@example.com',
  phone: '+12025550143997731',
  crm_id: 'Žluťoučký "kanárek" & <😀> q7zx94',
};

/** A second one, who is on legal hold. */
export const heldPerson = { user_id: 'canary-held-q7zx95', email: 'canary.held-q7zx96@example.com' };

/** Secrets that no vendor accepts. */
export const wrongSecrets = {
  MIXPANEL_PROJECT_TOKEN: 'wrong-canary-project-token-q7zx01',
  MIXPANEL_OAUTH_TOKEN: 'wrong-canary-oauth-token-q7zx02',
  MIXPANEL_SECRET: 'wrong-canary-service-secret-q7zx03',
  CLEVERTAP_PASSCODE: 'wrong-canary-passcode-q7zx04',
  ALTCRAFT_TOKEN: 'wrong-canary-altcraft-token-q7zx05',
  SEGMENT_PUBLIC_API_TOKEN: 'wrong-canary-segment-token-q7zx06',
  SEGMENT_SPACE_TOKEN: 'wrong-canary-space-token-q7zx07',
  OPENDSR_TOKEN: 'wrong-canary-opendsr-token-q7zx09',
  BRAZE_API_KEY: 'wrong-canary-braze-key-q7zx11',
};

/** Every secret of the configuration, as the sandbox accepts it. */
export const allSecrets = {
  ...goodSecrets,
  MIXPANEL_SECRET: 'sandbox-service-secret',
  SEGMENT_SPACE_TOKEN: 'sandbox-space-token',
  OPENDSR_TOKEN: 'sandbox-opendsr-token',
  OPENDSR_REQUEST_ID_SECRET: 'canary-request-id-secret-q7zx10',
  BRAZE_API_KEY: 'braze-sandbox-key',
};

/** A key of a ledger that the company keeps itself. */
export const ledgerKey = 'c0ffee00c0ffee11c0ffee22c0ffee33c0ffee44c0ffee55c0ffee66c0ffee77';

/** Stands in configurations where something is wrong. */
export const misplacedSecret = 'misplaced-canary-secret-q7zx08';

const named = (kind: string, values: Readonly<Record<string, string>>): Canary[] =>
  Object.entries(values).map(([name, value]) => ({ name: `${kind} ${name}`, value }));

/** Everything that must not come out anywhere. */
export const canaries: readonly Canary[] = [
  ...named('person', { ...canaryPerson, digits: canaryPerson.phone.slice(1) }),
  ...named('held', heldPerson),
  ...named('secret', allSecrets),
  ...named('wrong', wrongSecrets),
  { name: 'misplaced secret', value: misplacedSecret },
  { name: 'ledger key', value: ledgerKey },
];
