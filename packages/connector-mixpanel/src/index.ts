export { createMixpanelConnector, createMixpanelConnector as default } from './mixpanel-connector.ts';
export type {
  MixpanelCollaborators,
  MixpanelGdprOptions,
  MixpanelOptions,
  MixpanelProfileOptions,
} from './mixpanel-options.ts';
