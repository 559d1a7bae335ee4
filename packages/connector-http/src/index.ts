export { createHttpConnector, createHttpConnector as default } from './http-connector.ts';
export type { HttpOptions } from './http-options.ts';
