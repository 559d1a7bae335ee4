import type { RateLimiter } from './kit/rate-limiter.ts';
import { asRecord, type VendorReply, type VendorRequest } from './kit/vendor-exchange.ts';
import type { MixpanelProject } from './mixpanel-project.ts';
import type { MixpanelSettings } from './mixpanel-settings.ts';

export interface EngageContext {
  settings: MixpanelSettings;
  /** Per project token. */
  records: RateLimiter;
  projectWithToken(token: string): MixpanelProject | undefined;
}

const maxRecords = 2000;
const maxRecordBytes = 1_048_576;

interface EngageRecord {
  token: string;
  distinctId: string;
  ignoreAlias: boolean;
  /** `undefined` for a deletion. */
  set: Record<string, unknown> | undefined;
}

/** `POST /engage`: `$delete`, and `$set`, which brings a person back. Asks for no credentials, as documented. */
export function engage(request: VendorRequest, context: EngageContext): VendorReply {
  if (request.method !== 'POST') return ingestionError(405, 'Method Not Allowed');
  const body = request.json();
  const records: unknown[] = Array.isArray(body) ? body : [];
  if (records.length > maxRecords) return ingestionError(413, 'Payload Too Large');
  const parsed = records.map((record) => parseRecord(record, request.body.length));
  const good = parsed.filter((record) => typeof record !== 'string');
  const firstToken = good[0]?.token;
  if (firstToken !== undefined && context.records.take(firstToken, good.length) > 0) {
    return ingestionError(429, 'Too Many Requests');
  }
  const reply = replyTo(request.query, parsed, context.settings.strictFailure);
  if (good.length === 0) return reply;
  return {
    ...reply,
    act: () => {
      for (const record of good) carryOut(record, context);
    },
  };
}

function carryOut({ token, distinctId, ignoreAlias, set }: EngageRecord, context: EngageContext): void {
  // Any token is answered with success; only a real one leads to a project.
  const project = context.projectWithToken(token);
  if (project === undefined) return;
  const id = ignoreAlias ? distinctId : project.resolve(distinctId);
  if (set === undefined) project.deleteProfile(id, context.settings.profileDeletionDelayMs);
  else project.setProfile(id, set);
}

/** The record, or what is wrong with it. */
function parseRecord(value: unknown, bodyLength: number): EngageRecord | string {
  const fields = asRecord(value);
  if (fields === undefined) return 'record is not an object';
  const { $token: token, $distinct_id: distinctId, $set: set, $ignore_alias: ignoreAlias } = fields;
  if (typeof token !== 'string' || token === '') return '$token, missing or empty';
  if (typeof distinctId !== 'string' || distinctId === '') return '$distinct_id, missing or empty';
  // Most bodies are too small to hold such a record, and need not be written out again to find out. A character is
  // three bytes at most.
  if (3 * bodyLength > maxRecordBytes && Buffer.byteLength(JSON.stringify(fields)) > maxRecordBytes) {
    return 'record is too large';
  }
  const record = { token, distinctId, ignoreAlias: ignoreAlias === true };
  if ('$delete' in fields) return { ...record, set: undefined };
  const properties = asRecord(set);
  return properties === undefined ? 'no update operation' : { ...record, set: properties };
}

function replyTo(
  query: URLSearchParams,
  parsed: readonly (EngageRecord | string)[],
  strictFailure: MixpanelSettings['strictFailure'],
): VendorReply {
  const errors: Record<string, string[]> = {};
  for (const [index, record] of parsed.entries()) if (typeof record === 'string') errors[index] = [record];
  const bad = Object.keys(errors).length;
  const good = parsed.length - bad;
  const status = good > 0 ? 1 : 0;
  const firstError = Object.values(errors)[0]?.[0] ?? 'no records';
  if (query.get('strict') === '1') {
    return {
      status: 200,
      body: {
        error: status === 1 ? null : firstError,
        errors: strictFailure === 'count-only' ? {} : errors,
        num_good_events: strictFailure === 'errors-only' ? parsed.length : good,
        status,
      },
    };
  }
  if (query.get('verbose') === '1') return { status: 200, body: { error: status === 1 ? null : firstError, status } };
  const callback = query.get('callback');
  if (callback !== null) {
    return { status: 200, headers: { 'content-type': 'text/javascript' }, body: `${callback}(${status});` };
  }
  return { status: 200, body: `${status}` };
}

/** The form that Mixpanel documents for its import endpoint; `/engage` documents none for these. */
function ingestionError(code: number, status: string): VendorReply {
  return { status: code, body: { code, error: status, status } };
}
