export { createAltcraftConnector, createAltcraftConnector as default } from './altcraft-connector.ts';
export type { AltcraftOptions } from './altcraft-options.ts';
