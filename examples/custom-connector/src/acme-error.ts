import type { ConnectorError, ConnectorErrorCode } from '@expunge/core';
import { type HttpResponse, httpError, parseJson } from '@expunge/http-client';
import { refusalSchema } from './acme-api.ts';

/** Acme's word for a refusal, where the answer is one: `{"ok":false,"error":"bad_key"}`. */
export function refusalOf(response: HttpResponse): string | undefined {
  try {
    const refusal = refusalSchema.safeParse(parseJson(response.text));
    return refusal.success ? refusal.data.error : undefined;
  } catch {
    return undefined;
  }
}

/** Turns an answer that is no success into the error that it means. */
export function acmeError(response: HttpResponse): ConnectorError {
  const word = response.status < 500 ? refusalOf(response) : undefined;
  return httpError(response, { vendor: 'acme', ...meaningOf(word) });
}

/** What Acme's words mean. Whatever is not in its documents is left to the HTTP status. */
function meaningOf(word: string | undefined): { code?: ConnectorErrorCode; message?: string; vendorStatus?: string } {
  switch (word) {
    case 'bad_key':
      return { code: 'credentials-rejected', vendorStatus: word, message: 'Acme does not know this API key.' };
    case 'missing_role':
      return {
        code: 'permission-missing',
        vendorStatus: word,
        message: 'The API key may not delete people. Give it the role "privacy" at Acme > Settings > Keys.',
      };
    case 'plan_limit':
      return { code: 'quota-spent', vendorStatus: word, message: "The deletions of Acme's plan are used up." };
    case 'too_many_ids':
      return { code: 'request-too-large', vendorStatus: word, message: 'Acme takes 100 people in one call.' };
    case 'bad_ids':
      return { code: 'request-rejected', vendorStatus: word, message: 'Acme could not read the list of people.' };
    default:
      return {};
  }
}
