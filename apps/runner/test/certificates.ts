import { generate } from 'selfsigned';

/** A certificate and its key, PEM. */
export interface Certified {
  readonly certificate: string;
  readonly key: string;
}

/** What a company and a vendor show each other. Made anew for each run, and known to nobody. */
export interface Certificates {
  /** The authority that both trust. */
  readonly authority: Certified;
  /** The vendor's server, `vendor.test` and this machine. */
  readonly server: Certified;
  /** The company's client. */
  readonly client: Certified;
  /** A client whom no authority knows. */
  readonly stranger: Certified;
}

const elliptic = { keyType: 'ec', algorithm: 'sha256' } as const;

/** Makes certificates for one test file. */
export async function makeCertificates(): Promise<Certificates> {
  const authority = await certify('Test authority', {
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, critical: true },
    ],
  });
  const ca = { key: authority.key, cert: authority.certificate };
  const altNames = [
    { type: 2, value: 'vendor.test' },
    { type: 2, value: 'localhost' },
  ] as const;
  return {
    authority,
    server: await certify('vendor.test', { ca, extensions: [{ name: 'subjectAltName', altNames: [...altNames] }] }),
    client: await certify('company', { ca }),
    stranger: await certify('company'),
  };
}

async function certify(name: string, options: Parameters<typeof generate>[1] = {}): Promise<Certified> {
  const made = await generate([{ name: 'commonName', value: name }], { ...elliptic, ...options });
  return { certificate: made.cert, key: made.private };
}
