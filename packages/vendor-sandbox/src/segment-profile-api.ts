import { asRecord, type VendorReply, type VendorRequest } from './kit/vendor-exchange.ts';
import type { SegmentLimits } from './segment-limits.ts';
import { cursorAt, positionOf } from './segment-page.ts';
import { readProfilePath, type SegmentProfilePath } from './segment-profile-path.ts';
import { type SegmentSettings, segmentSandboxCredentials } from './segment-settings.ts';
import type { SegmentExternalId, SegmentSpace } from './segment-space.ts';

/** The Profile API of a Unify space as far as external ids go: reading them, and detaching one. */
export class SegmentProfileApi {
  private readonly settings: SegmentSettings;
  private readonly space: SegmentSpace;
  private readonly limits: SegmentLimits;

  constructor(settings: SegmentSettings, space: SegmentSpace, limits: SegmentLimits) {
    this.settings = settings;
    this.space = space;
    this.limits = limits;
  }

  /** Answers one call. */
  handle(request: VendorRequest): VendorReply {
    const isDeletion = request.method === 'POST' && request.path.endsWith('/delete');
    const expected = `Basic ${Buffer.from(`${segmentSandboxCredentials.spaceToken}:`).toString('base64')}`;
    if (request.headers.authorization !== expected) {
      return this.failure(401, isDeletion ? 'unauthorized' : 'authentication_error', 'The access token is not valid.');
    }
    const path = readProfilePath(request.path);
    if (path === 'unencoded') return this.failure(500, 'internal_error', 'Something went wrong.');
    if (path === undefined) return this.failure(404, 'not_found', 'There is no such resource.');
    if (this.limits.profileCalls.take('space') > 0) {
      return this.failure(429, 'rate_limit_error', 'Too many requests hit the API too quickly.');
    }
    const isOurs = request.method === (path.resource === 'external_ids' ? 'GET' : 'POST');
    if (!isOurs || path.spaceId !== segmentSandboxCredentials.spaceId) {
      return this.failure(404, 'not_found', 'There is no such resource.');
    }
    if (path.collection !== 'users') return this.failure(400, 'bad_request', 'The collection is not valid.');
    return isDeletion ? this.detach(path, request) : this.read(path, request);
  }

  private detach({ lookUpType, lookUpId }: SegmentProfilePath, request: VendorRequest): VendorReply {
    const { settings, space } = this;
    if (!settings.identifierDeletionEnabled) {
      return this.failure(403, 'forbidden', 'The feature is not enabled for the space.');
    }
    if (!settings.spaceHasSource) {
      return this.failure(404, 'source_id_not_found', 'No source is attached to the space.');
    }
    if (lookUpType !== 'user_id') return this.failure(400, 'bad_request', 'The look-up key must be a user_id.');
    const asked = readExternalId(request);
    if (asked === undefined) {
      return this.failure(400, 'bad_request', 'Exactly one identifier with id and type has to be given.');
    }
    if (!settings.externalIdTypes.includes(asked.type)) {
      return this.failure(400, 'unsupported_eid_type', 'The identifier type is not known.');
    }
    if (asked.type === 'group_id') return this.failure(400, 'bad_request', 'A group_id cannot be deleted.');
    const identifiers = space.lookUp(lookUpId);
    if (identifiers === undefined) return this.failure(404, 'not_found', 'Profile was not found.');
    if (asked.type === 'user_id' && asked.id.toLowerCase() === lookUpId) {
      return this.failure(400, 'bad_request', 'The identifier equals the look-up key.');
    }
    if (!identifiers.some(({ type, id }) => type === asked.type && id === asked.id)) {
      return this.failure(404, 'eid_not_found', 'External identifier not found.');
    }
    if (asked.type === 'user_id' && identifiers.filter(({ type }) => type === 'user_id').length === 1) {
      return this.failure(400, 'bad_request', 'The last user_id cannot be deleted.');
    }
    if (this.limits.profileCalls.take(`profile ${lookUpId}`) > 0) {
      return this.failure(429, 'rate_limit_error', 'Too many deletions on one profile.');
    }
    return {
      status: 200,
      headers: requestId(request),
      // The documents name the code and print no body.
      body: { code: 'success', message: 'The identifier was deleted.' },
      act: () => space.detach(lookUpId, asked, request.at),
    };
  }

  private read({ lookUpType, lookUpId }: SegmentProfilePath, request: VendorRequest): VendorReply {
    const limit = Number(request.query.get('limit') ?? '10');
    const start = positionOf(request.query.get('next'));
    if (!Number.isInteger(limit) || limit < 1 || limit > 100 || start === undefined) {
      return this.failure(400, 'validation_error', 'The parameters are not valid.');
    }
    const identifiers =
      lookUpType === 'user_id' ? this.space.read(lookUpId, request.at, this.settings.profileReadDelayMs) : undefined;
    if (identifiers === undefined) return this.failure(404, 'not_found', 'Profile was not found.');
    const hasMore = start + limit < identifiers.length;
    return {
      status: 200,
      headers: requestId(request),
      body: {
        data: identifiers.slice(start, start + limit).map(({ type, id, createdAtMs }, index) => ({
          source_id: 'src_web',
          collection: 'users',
          id,
          type,
          created_at: new Date(createdAtMs).toISOString(),
          encoding: 'none',
          first_message_id: `m-${start + index}`,
        })),
        cursor: { url: request.path, has_more: hasMore, next: hasMore ? cursorAt(start + limit) : '', limit },
      },
    };
  }

  private failure(status: number, code: string, message: string): VendorReply {
    const fields = { code, message };
    return { status, body: this.settings.profileErrorShape === 'nested' ? { error: fields } : fields };
  }
}

function readExternalId(request: VendorRequest): SegmentExternalId | undefined {
  const list = asRecord(request.json())?.delete_external_ids;
  if (!Array.isArray(list) || list.length !== 1) return undefined;
  const { id, type } = asRecord(list[0]) ?? {};
  return typeof id === 'string' && id !== '' && typeof type === 'string' ? { id, type } : undefined;
}

function requestId(request: VendorRequest): Record<string, string> {
  return { 'request-id': `request-${request.at}` };
}
