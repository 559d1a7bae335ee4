import type { ConnectorError, ConnectorErrorCode } from '@expunge/core';
import { codeOfStatus, type HttpResponse, httpError, readJson } from '@expunge/http-client';
import { replySchema } from './clevertap-api.ts';
import type { CleverTapSettings } from './clevertap-options.ts';

// The codes of CleverTap's general error table. Inside an HTTP 200 no other number is taken at its word.
const documentedCodes: readonly number[] = [400, 401, 403, 404, 405, 409, 429, 500, 503];

interface Meaning {
  readonly code: ConnectorErrorCode;
  readonly message: string;
}

// Every text that the deletion documents for HTTP 400 (docs/vendors/clevertap.md).
const meaningByText = new Map<string, Meaning>([
  ['Payload is mandatory', { code: 'request-rejected', message: 'CleverTap received no body.' }],
  [
    'Sending either identities or guids in payload is mandatory',
    { code: 'request-rejected', message: 'CleverTap found neither identities nor guids in the request.' },
  ],
  [
    'Invalid payload. Empty payload is not allowed.',
    { code: 'request-rejected', message: 'CleverTap found an empty list of people in the request.' },
  ],
  [
    'Invalid payload. Received both guid and identity. Only one of them is allowed.',
    { code: 'request-rejected', message: 'CleverTap takes identities or guids in one call, not both.' },
  ],
  [
    'Invalid payload. Max 100 guids allowed per request.',
    { code: 'request-too-large', message: 'CleverTap takes 100 guids in one call at the most.' },
  ],
  [
    'Invalid payload. Max 100 identities allowed per request.',
    { code: 'request-too-large', message: 'CleverTap takes 100 identities in one call at the most.' },
  ],
]);

// The documented texts of trouble, for where they come without their number. Compared in lower case.
const troubleByText = new Map<string, number>([
  ['server error. please retry later', 503],
  ['too many concurrent requests', 429],
  ['invalid credentials or url', 401],
  ['invalid credentials', 401],
  ['account id is not valid', 401],
]);

/** Whether a refusal says by its text that the call failed, whatever it was about. */
export function isTrouble({ text }: CleverTapRefusal): boolean {
  return numberOfText(text) !== undefined || meaningByText.has(text ?? '');
}

function numberOfText(text: string | undefined): number | undefined {
  return troubleByText.get(text?.toLowerCase() ?? '');
}

/** A refusal in CleverTap's own form: `{ status: 'fail', error, code }`. */
export interface CleverTapRefusal {
  /** The number in the body, where CleverTap documents it. */
  readonly code: number | undefined;
  /** Free text: compared with the documented texts, never printed. */
  readonly text: string | undefined;
  /** Whether the body has a number at all. */
  readonly hasCode: boolean;
}

/** @returns undefined where the answer is something else, such as a proxy's HTML page. */
export function readRefusal(response: HttpResponse): CleverTapRefusal | undefined {
  const reply = replySchema.safeParse(readJson(response.text));
  if (!reply.success || reply.data.status !== 'fail') return undefined;
  const { code, error } = reply.data;
  return {
    code: typeof code === 'number' && documentedCodes.includes(code) ? code : undefined,
    text: error ?? undefined,
    hasCode: typeof code === 'number',
  };
}

/** Turns a refusal into the error that it means: an HTTP status that is no 200, or a failure inside an HTTP 200. */
export function cleverTapError(response: HttpResponse, settings: CleverTapSettings): ConnectorError {
  const refusal = readRefusal(response);
  const status = response.status === 200 ? (refusal?.code ?? numberOfText(refusal?.text)) : response.status;
  return httpError(response, {
    vendor: 'clevertap',
    vendorStatus: refusal?.code?.toString(),
    ...(documentedMeaning(status, refusal?.text) ?? meaningOf(status, settings)),
  });
}

function documentedMeaning(status: number | undefined, text: string | undefined): Meaning | undefined {
  return (status === undefined || status === 400) && text !== undefined ? meaningByText.get(text) : undefined;
}

function meaningOf(status: number | undefined, settings: CleverTapSettings): Partial<Meaning> {
  switch (status) {
    case undefined:
      return {
        code: 'response-unexpected',
        message: 'CleverTap answered HTTP 200 without "success", and not with a refusal that it documents.',
      };
    case 401:
      return {
        code: 'credentials-rejected',
        message:
          `CleverTap rejected the credentials (401). Check accountId and passcode, and that ${settings.place} is where ` +
          'the account lives: another region refuses in the same way.',
      };
    default:
      return { code: codeOfStatus(status) };
  }
}
