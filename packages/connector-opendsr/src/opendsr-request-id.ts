import { createHmac } from 'node:crypto';
import type { Target } from '@expunge/core';
import { identitiesOf } from './opendsr-identities.ts';

const minuteMs = 60_000;

/** What request ids are made with. */
export interface RequestIdScope {
  /** Keeps ids from being guessed from a person: receipts, and with them the ids, are stored in the clear. */
  readonly secret: string;
  /** The processor's address, so that two processors can't tell by the id that they were told of the same person. */
  readonly baseUrl: string;
}

/**
 * The `subject_request_id` of a request for this target at this time: a UUID in the form of version 4, the same for the
 * same people within one minute, and another one later. A repeat can thus be recognised, and an older request of the
 * same person is never taken for a new one (docs/decisions: opendsr-request-ids).
 *
 * @param at - Milliseconds since 1970.
 */
export function requestIdOf(scope: RequestIdScope, target: Target, at: number): string {
  const minute = Math.floor(at / minuteMs);
  const identities = identitiesOf(target).map(({ type, value }) => [type, value]);
  const text = JSON.stringify(['expunge-opendsr-request', scope.baseUrl, minute, identities]);
  const bytes = createHmac('sha256', scope.secret).update(text).digest().subarray(0, 16);
  // RFC 9562: four bits say version 4, two bits say the variant.
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** The ids that a request can have whose call began at `since`: of that minute, and of the next where the minute just ended. */
export function possibleRequestIds(scope: RequestIdScope, target: Target, since: number): readonly string[] {
  return [requestIdOf(scope, target, since), requestIdOf(scope, target, since + minuteMs)];
}
