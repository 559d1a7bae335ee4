export type { AltcraftFieldValue, AltcraftSubscription } from './altcraft-database.ts';
export type { AltcraftPerson } from './altcraft-people.ts';
export type { AltcraftSandbox } from './altcraft-sandbox.ts';
export { type AltcraftCodes, type AltcraftSettings, altcraftSandboxCredentials } from './altcraft-settings.ts';
export { type BrazeSandbox, type BrazeSettings, brazeSandboxCredentials, startBrazeSandbox } from './braze-sandbox.ts';
export type { CleverTapAccount, CleverTapPerson } from './clevertap-account.ts';
export { type CleverTapSandbox, type CleverTapSettings, cleverTapSandboxCredentials } from './clevertap-sandbox.ts';
export * from './kit.ts';
export { mixpanelSandboxCredentials, type ServiceAccount } from './mixpanel-access.ts';
export type { MixpanelPerson, MixpanelProject, MixpanelProperties } from './mixpanel-project.ts';
export type { MixpanelSandbox, NewMixpanelProject } from './mixpanel-sandbox.ts';
export type { MixpanelSettings } from './mixpanel-settings.ts';
export type { MixpanelTask, MixpanelTaskStatus } from './mixpanel-tasks.ts';
export type { OneSignalApp, OneSignalPerson } from './onesignal-app.ts';
export { type OneSignalSandbox, type OneSignalSettings, oneSignalSandboxCredentials } from './onesignal-sandbox.ts';
export type { OpenDsrIdentity, OpenDsrPerson } from './opendsr-people.ts';
export type { OpenDsrRequest, OpenDsrStatus } from './opendsr-requests.ts';
export type { OpenDsrCallbackPost, OpenDsrSandbox } from './opendsr-sandbox.ts';
export {
  type OpenDsrSettings,
  type OpenDsrSigning,
  type OpenDsrSupportedIdentity,
  openDsrSandboxCredentials,
} from './opendsr-settings.ts';
export type { SignedBody } from './opendsr-signing.ts';
export type { SegmentPerson } from './segment-people.ts';
export type { SegmentRegulationType, SegmentStatus, SegmentSubjectType } from './segment-regulation.ts';
export type { SegmentRegulationState, SegmentSandbox } from './segment-sandbox.ts';
export {
  type SegmentDestination,
  type SegmentEnding,
  type SegmentSettings,
  type SegmentSource,
  segmentSandboxCredentials,
} from './segment-settings.ts';
export type { SegmentRecord } from './segment-workspace.ts';
export {
  type Sandbox,
  type SandboxOptions,
  startSandbox,
  type VendorName,
  type VendorSettings,
} from './start-sandbox.ts';
