export { createAcmeConnector, createAcmeConnector as default } from './acme-connector.ts';
export type { AcmeOptions } from './acme-options.ts';
