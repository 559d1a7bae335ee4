import { z } from 'zod';

/** The option that replaces a vendor's host: for a sandbox or a proxy. Checked, and without slashes at its end. */
export const baseUrlSchema = z
  .string()
  .refine(isBaseUrl, 'must be an http or https URL without credentials, query or fragment')
  .transform((url) => url.replace(/\/+$/, ''));

/** Whether a text is an http or https URL that paths can be added to. */
function isBaseUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  const isWeb = url.protocol === 'https:' || url.protocol === 'http:';
  return isWeb && url.username === '' && url.password === '' && !/[?#]/.test(text);
}
