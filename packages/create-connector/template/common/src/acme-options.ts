import { parseOptions } from '@expunge/core';
import { z } from 'zod';
import { unfinished } from './unfinished.ts';

const acmeOptionsSchema = z.strictObject({
  // UNFINISHED: name the credentials as Acme does, and say where an operator finds them. A region is required where there are several, and then stands in the options of both tests, too (guide: Options).
  /** The API key. */
  apiKey: z
    .string()
    // A secret that is read from a file easily keeps its line break, which no HTTP header can carry.
    .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces; check for a line break at its end'),
  /** Replaces scheme and host: for the fake vendor or a proxy. */
  baseUrl: z
    .string()
    .refine(isBaseUrl, 'must be an http or https URL without credentials, query or fragment')
    .transform((url) => url.replace(/\/+$/, ''))
    .optional(),
  /** From the first byte sent to the last byte read, in milliseconds. Default: 30,000. */
  timeoutMs: z.number().int().positive().default(30_000),
});

/** How an account at Acme is reached. Plain data that could be JSON. */
export interface AcmeOptions extends z.input<typeof acmeOptionsSchema> {}

/** Checked options, with everything resolved that was left to a default. */
export interface AcmeSettings extends z.output<typeof acmeOptionsSchema> {
  /** Scheme and host, without a slash at the end. */
  readonly baseUrl: string;
}

/** @throws OptionsError naming every wrong key. */
export function parseAcmeOptions(input: unknown): AcmeSettings {
  const options = parseOptions('connector-acme', acmeOptionsSchema, input);
  return {
    ...options,
    baseUrl: options.baseUrl ?? unfinished('the address of the API, by region if there are several (guide: Options)'),
  };
}

function isBaseUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  const isWeb = url.protocol === 'https:' || url.protocol === 'http:';
  return isWeb && url.username === '' && url.password === '' && !/[?#]/.test(text);
}
