import type { SubmitOutcome } from '@expunge/core';
import { type HttpResponse, parseResponse } from '@expunge/http-client';
import { vendor } from './segment-call.ts';
import { unifyCode, unifyError, unifyMessage } from './segment-error.ts';
import { detachedSchema, type ProfileIdentifier } from './segment-identifier-api.ts';

/**
 * What an answer to one identifier's deletion means. Decided by Segment's `code`: three different 404s share a status
 * (docs/vendors/segment.md).
 *
 * A 200 counts only where its JSON says `success`. Anything else under a 200 is `response-unexpected`: the identifier is
 * sent again, which is harmless, and `eid_not_found` then says what became of it.
 *
 * @throws ConnectorError for answers that speak about the call and not about the identifier.
 */
export function mapSegmentCode(response: HttpResponse, identifier: ProfileIdentifier): SubmitOutcome {
  if (response.status === 200) {
    parseResponse(response, detachedSchema, { vendor, what: 'the deletion of an identifier' });
    return { type: 'deleted' };
  }
  const vendorStatus = unifyCode(response);
  switch (`${response.status} ${vendorStatus}`) {
    case '404 eid_not_found':
      return notFound(identifier, 'eid_not_found');
    case '404 not_found':
      return notFound(identifier, 'not_found');
    case '400 unsupported_eid_type':
      return {
        type: 'rejected',
        reason: 'unsupported',
        message: 'The space knows no identifiers of this type; check identifierTypes.',
        vendorStatus: 'unsupported_eid_type',
      };
    case '400 bad_request':
      return badRequest(response);
    default:
      throw unifyError(response);
  }
}

// No such profile, or no such identifier on it. A wrong space id could look the same; `checkAccess` says that it can't
// tell. That a look-up wants lower case is documented for reading only. Where that matters, a miss is no proof of absence:
// the profile may not have been found, or another one that is written in lower case. The connector then asks which it was.
function notFound(identifier: ProfileIdentifier, vendorStatus: 'not_found' | 'eid_not_found'): SubmitOutcome {
  if (identifier.userId === identifier.userId.toLowerCase()) return { type: 'absent', vendorStatus };
  const what =
    vendorStatus === 'not_found'
      ? 'no profile under this user id'
      : 'no such identifier on the profile of this user id';
  return {
    type: 'rejected',
    reason: 'not-addressable',
    message: `Segment finds ${what}, which has capital letters; it may only look up lower case.`,
    vendorStatus,
  };
}

// One code for five causes; only the documented message tells them apart.
function badRequest(response: HttpResponse): SubmitOutcome {
  const message = unifyMessage(response);
  const isAboutTheCall = ['missing required parameters', 'only one external_id', 'invalid collection'];
  if (isAboutTheCall.some((text) => message.includes(text))) throw unifyError(response);
  return {
    type: 'rejected',
    reason: message.includes('valid `user_id` is required') ? 'not-addressable' : 'refused',
    message: 'Segment refuses to detach this identifier: the last user id, the look-up key and group ids have to stay.',
    vendorStatus: 'bad_request',
  };
}
