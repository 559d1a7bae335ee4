import {
  type AccessReport,
  type CallOptions,
  ConnectorError,
  type DeletionConnector,
  type Subject,
  type SubmitOutcome,
  type Target,
  type VerifyOutcome,
} from '@expunge/core';
import { parseResponse } from '@expunge/http-client';
import { mapSegmentCode } from './map-segment-code.ts';
import { createSegmentCall, type SegmentCall, type SegmentCollaborators, vendor } from './segment-call.ts';
import { unifyCode, unifyError } from './segment-error.ts';
import {
  buildDetachIdentifier,
  buildListIdentifiers,
  identifierListSchema,
  type ProfileIdentifier,
} from './segment-identifier-api.ts';
import { identifierCapabilities, lookUpType } from './segment-identifier-capabilities.ts';
import type { SegmentIdentifierSettings } from './segment-options.ts';

const pageSize = 100;
// Spaces limit how many identifiers a profile may have; 2,000 is far beyond.
const maxPages = 20;

/** Makes the connector of checked options. */
export function createSegmentIdentifierConnector(
  settings: SegmentIdentifierSettings,
  collaborators: SegmentCollaborators,
): DeletionConnector {
  const call = createSegmentCall(collaborators, settings.timeoutMs);
  return {
    specVersion: 'v1',
    vendor,
    operation: 'identifier',
    capabilities: identifierCapabilities(settings),

    targetsOf: (subject) => targetsOf(subject, settings.identifierTypes),

    async submit(targets, options) {
      const target = onlyOne(targets);
      if (target === undefined) return [];
      const identifier = profileIdentifierOf(target);
      if (identifier === undefined) return [{ type: 'rejected', reason: 'not-addressable', message: noLookUpKey }];
      const refusal = refusalOf(identifier);
      if (refusal !== undefined) return [refusal];
      const response = await call(buildDetachIdentifier(settings, identifier), options);
      const outcome = mapSegmentCode(response, identifier);
      const isMiss = outcome.type === 'rejected' && outcome.vendorStatus === 'eid_not_found';
      // A profile was found, and is the right one where it shows the user id as it is written. Such as after a lost reply.
      const isAbsent = isMiss && (await isProfileOf(settings, call, identifier.userId, options));
      return [isAbsent ? { type: 'absent', vendorStatus: 'eid_not_found' } : outcome];
    },

    async verify(targets, options) {
      const target = onlyOne(targets);
      if (target === undefined) return [];
      const identifier = profileIdentifierOf(target);
      if (identifier === undefined) return [{ type: 'unknown', reason: noLookUpKey }];
      return [await lookUp(settings, call, identifier, options)];
    },

    checkAccess: (options) => checkIdentifierAccess(settings, call, options),
  };
}

/**
 * Every identifier of a configured type, on the profile of every user id of the subject: those can be two profiles.
 * Other user ids are looked up by the first one only. It stays, so that no profile loses its last user id.
 */
function targetsOf(subject: Subject, identifierTypes: readonly string[]): Target[] {
  const userIds = subject.identifiers.filter(({ type }) => type === lookUpType).map(({ value }) => value);
  const targets = new Map<string, Target>();
  for (const { type, value } of subject.identifiers) {
    if (!identifierTypes.includes(type)) continue;
    for (const userId of type === lookUpType ? userIds.slice(0, 1) : userIds) {
      targets.set(JSON.stringify([type, value, userId]), { type, value, details: { [lookUpType]: userId } });
    }
  }
  return [...targets.values()];
}

function onlyOne(targets: readonly Target[]): Target | undefined {
  if (targets.length > 1) {
    throw new ConnectorError({ code: 'request-too-large', vendor, message: 'Segment takes one identifier a call.' });
  }
  return targets[0];
}

/** Undefined where the target does not say under which user id the profile is looked up. */
function profileIdentifierOf({ type, value, details }: Target): ProfileIdentifier | undefined {
  const userId = details?.[lookUpType];
  return userId === undefined || userId === '' ? undefined : { userId, type, id: value };
}

/** What Segment is known to refuse is not sent. Look-ups know no case, so neither does the comparison. */
function refusalOf(identifier: ProfileIdentifier): SubmitOutcome | undefined {
  if (!isText(identifier)) return { type: 'rejected', reason: 'not-addressable', message: notText };
  if (identifier.type === 'group_id') {
    return { type: 'rejected', reason: 'refused', message: 'Segment detaches no group ids: they are not of a person.' };
  }
  if (identifier.type === lookUpType && isSame(identifier.id, identifier.userId)) {
    return {
      type: 'rejected',
      reason: 'refused',
      message: 'This user id is the look-up key, and a profile keeps at least one. A regulation deletes by user id.',
    };
  }
  return undefined;
}

/** Whether the profile that is looked up has this user id, in just this spelling. */
async function isProfileOf(
  settings: SegmentIdentifierSettings,
  call: SegmentCall,
  userId: string,
  options: CallOptions | undefined,
): Promise<boolean> {
  for await (const identifier of listIdentifiers(settings, call, userId, options)) {
    if (identifier === 'cut-off') return false;
    if (identifier.type === lookUpType && identifier.id === userId) return true;
  }
  return false;
}

async function lookUp(
  settings: SegmentIdentifierSettings,
  call: SegmentCall,
  identifier: ProfileIdentifier,
  options: CallOptions | undefined,
): Promise<VerifyOutcome> {
  if (!isText(identifier)) return { type: 'unknown', reason: notText };
  let isOwn: boolean | undefined;
  for await (const shown of listIdentifiers(settings, call, identifier.userId, options)) {
    if (shown === 'cut-off') {
      return { type: 'unknown', reason: "Segment's list of the profile's identifiers could not be read to its end." };
    }
    if (shown.type === identifier.type && isSame(shown.id, identifier.id)) return { type: 'present' };
    isOwn = isOwn === true || (shown.type === lookUpType && isSame(shown.id, identifier.userId));
  }
  // A profile keeps its last user id: a list without the one that it was looked up by is of somebody else.
  return isOwn === false ? { type: 'unknown', reason: otherProfile } : { type: 'absent' };
}

/** The identifiers of a profile, page by page; none where there is no such profile. `cut-off`: there may be more. */
async function* listIdentifiers(
  settings: SegmentIdentifierSettings,
  call: SegmentCall,
  userId: string,
  options: CallOptions | undefined,
): AsyncGenerator<{ readonly type: string; readonly id: string } | 'cut-off'> {
  let next: string | undefined;
  for (let page = 0; page < maxPages; page += 1) {
    const response = await call(buildListIdentifiers(settings, userId, { limit: pageSize, next }), options);
    if (response.status === 404 && unifyCode(response) === 'not_found' && page === 0) return;
    if (response.status !== 200) throw unifyError(response);
    const list = parseResponse(response, identifierListSchema, { vendor, what: "a profile's identifiers" });
    yield* list.data;
    if (list.cursor?.has_more === false) return;
    if (!list.cursor?.next || list.cursor.next === next) break;
    next = list.cursor.next;
  }
  yield 'cut-off';
}

const otherProfile = 'Segment listed the identifiers of a profile that does not have the user id that was asked for.';
const noLookUpKey = 'The target names no user id under which the profile could be looked up.';
const notText = 'The identifier is not valid Unicode text, so it cannot be sent.';

function isText(identifier: ProfileIdentifier): boolean {
  return identifier.userId.isWellFormed() && identifier.id.isWellFormed();
}

// The case of stored identifiers is not kept reliably (docs/vendors/segment.md).
function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

async function checkIdentifierAccess(
  settings: SegmentIdentifierSettings,
  call: SegmentCall,
  options: CallOptions | undefined,
): Promise<AccessReport> {
  const response = await call(buildListIdentifiers(settings, 'expunge-access-check-nobody', { limit: 1 }), options);
  const isKnown = response.status === 200 || (response.status === 404 && unifyCode(response) === 'not_found');
  if (!isKnown) throw unifyError(response);
  if (response.status === 200) {
    parseResponse(response, identifierListSchema, { vendor, what: "a profile's identifiers" });
  }
  return {
    proven: ['The space token is accepted for reading profiles.'],
    unproven: [
      'Whether deleting identifiers is enabled for the space, and allowed to this token, shows only at the first deletion.',
      'Whether the space id is the right one: another space answers in the same way.',
    ],
  };
}
