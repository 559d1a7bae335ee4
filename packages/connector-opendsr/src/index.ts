export type { OpenDsrCollaborators } from './opendsr-call.ts';
export {
  createOpenDsrConnector,
  createOpenDsrConnector as default,
  type OpenDsrConnector,
} from './opendsr-connector.ts';
export type { OpenDsrDialectName } from './opendsr-dialect.ts';
export type { OpenDsrOptions } from './opendsr-options.ts';
export {
  type CallbackAccepted,
  type CallbackRefused,
  type CallbackTrust,
  type CallbackVerdict,
  type OpenDsrCallback,
  verifyCallback,
} from './verify-callback.ts';
