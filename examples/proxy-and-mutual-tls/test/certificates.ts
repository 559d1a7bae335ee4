import { generate } from 'selfsigned';

/** A certificate and its key, PEM. */
export interface Certified {
  readonly cert: string;
  readonly key: string;
}

/** Makes an authority. */
export function makeAuthority(): Promise<Certified> {
  return certify('Test authority', {
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, critical: true },
    ],
  });
}

/** Makes a server's certificate for a host. */
export function certifyServer(host: string, authority: Certified): Promise<Certified> {
  const altNames = [{ type: 2 as const, value: host }];
  return certify(host, { ca: authority, extensions: [{ name: 'subjectAltName', altNames }] });
}

/** Makes a client's certificate. */
export function certifyClient(authority: Certified): Promise<Certified> {
  return certify('company', { ca: authority });
}

async function certify(name: string, options: Parameters<typeof generate>[1]): Promise<Certified> {
  const made = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    algorithm: 'sha256',
    ...options,
  });
  return { cert: made.cert, key: made.private };
}
