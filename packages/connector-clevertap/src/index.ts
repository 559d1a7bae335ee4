export { createCleverTapConnector, createCleverTapConnector as default } from './clevertap-connector.ts';
export type { CleverTapOptions } from './clevertap-options.ts';
