export { createBrazeConnector, createBrazeConnector as default } from './braze-connector.ts';
export type { BrazeOptions } from './braze-options.ts';
