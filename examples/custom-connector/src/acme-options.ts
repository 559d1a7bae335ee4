import { parseOptions } from '@expunge/core';
import { z } from 'zod';

const acmeOptionsSchema = z.strictObject({
  /** The API key: Acme > Settings > Keys. Its role must be "privacy". */
  apiKey: z
    .string()
    // A secret that is read from a file easily keeps its line break, which no HTTP header can carry.
    .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces; check for a line break at its end'),
  /** Replaces scheme and host: for the fake vendor or a proxy. Default: `https://api.acme.example`. */
  baseUrl: z
    .string()
    .refine(isBaseUrl, 'must be an http or https URL without credentials, query or fragment')
    .transform((url) => url.replace(/\/+$/, ''))
    .default('https://api.acme.example'),
  /** From the first byte sent to the last byte read, in milliseconds. Default: 30,000. */
  timeoutMs: z.number().int().positive().default(30_000),
  /** When a deletion is asked about. */
  polling: z
    .strictObject({
      /** The first time, in milliseconds after Acme took it. Default: one hour. */
      firstCheckAfterMs: z.number().int().nonnegative().default(3_600_000),
      /** The longest time between two checks, in milliseconds. Default: six hours. */
      checkEveryMs: z.number().int().positive().default(21_600_000),
    })
    .prefault({}),
});

/** How an Acme account is reached. Plain data that could be JSON. */
export interface AcmeOptions extends z.input<typeof acmeOptionsSchema> {}

/** Checked options, with everything resolved that was left to a default. */
export interface AcmeSettings extends z.output<typeof acmeOptionsSchema> {}

/** @throws OptionsError naming every wrong key. */
export function parseAcmeOptions(options: unknown): AcmeSettings {
  return parseOptions('connector-acme', acmeOptionsSchema, options);
}

function isBaseUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  const isWeb = url.protocol === 'https:' || url.protocol === 'http:';
  return isWeb && url.username === '' && url.password === '' && !/[?#]/.test(text);
}
