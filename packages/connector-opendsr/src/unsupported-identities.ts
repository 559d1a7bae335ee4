import type { Discovery } from './opendsr-api.ts';

/** An identity type in a format. */
interface IdentityKind {
  readonly identity_type: string;
  readonly identity_format: string;
}

/**
 * Which of some identities a processor does not take, by its discovery.
 *
 * @returns A sentence that names types and formats, never values. Undefined: it takes them all.
 */
export function unsupportedIdentities(discovery: Discovery, wanted: readonly IdentityKind[]): string | undefined {
  const supported = new Set(discovery.supported_identities.map(nameOf));
  const missing = [...new Set(wanted.map(nameOf))].filter((name) => !supported.has(name));
  if (missing.length === 0) return undefined;
  // Words of the processor's are repeated only where they are plain words.
  const known = [...supported].filter((name) => /^[a-z0-9_]{1,64} \((raw|sha1|md5|sha256)\)$/.test(name));
  const offer = known.length === 0 ? 'nothing that could be read' : known.join(', ');
  return `The processor does not take ${missing.join(', ')}. It takes ${offer}.`;
}

function nameOf({ identity_type, identity_format }: IdentityKind): string {
  return `${identity_type} (${identity_format})`;
}
