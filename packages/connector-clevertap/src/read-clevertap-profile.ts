import { expectSame, type HttpResponse, parseResponse } from '@expunge/http-client';
import { devicesSchema, profileReplySchema } from './clevertap-api.ts';
import { cleverTapError, isTrouble, readRefusal } from './clevertap-error.ts';
import type { CleverTapSettings } from './clevertap-options.ts';
import { mapCleverTapStatus } from './map-clevertap-status.ts';

/** What a profile read shows. */
export type ProfileReading =
  | {
      /** There is such a profile. */
      readonly type: 'present';
      /** The guids of its devices. Undefined: the record shows none. */
      readonly guids: readonly string[] | undefined;
    }
  | {
      /** No profile is shown. Whether that is an absence, the answer about an invented identity tells. */
      readonly type: 'nothing';
      /** What the answer looks like, without what was asked for. */
      readonly sign: string;
      /** Whether it is a refusal that trouble or a wrong address could get as well. */
      readonly mayBeTrouble?: boolean;
    }
  | {
      /** Neither. */
      readonly type: 'unclear';
    };

/**
 * What a profile read says. How CleverTap answers for a profile that it does not have is not documented: a success without a
 * record, a `fail` that gives no number, and a 404 of CleverTap's own may be it.
 *
 * @throws ConnectorError for every documented refusal, also one inside an HTTP 200 and without its number.
 */
export function readProfile(response: HttpResponse, asked: string, settings: CleverTapSettings): ProfileReading {
  const refusal = readRefusal(response);
  if (refusal !== undefined) {
    const status = response.status === 200 ? refusal.code : response.status;
    if (status === 404) {
      const isHttpStatus = response.status === 404;
      return { type: 'nothing', sign: isHttpStatus ? 'HTTP 404' : '404', mayBeTrouble: isHttpStatus };
    }
    if (status === 400) return { type: 'unclear' };
    if (status !== undefined || refusal.hasCode || isTrouble(refusal)) throw cleverTapError(response, settings);
    return { type: 'nothing', sign: `fail ${refusal.text?.replaceAll(asked, '') ?? ''}`, mayBeTrouble: true };
  }
  if (response.status !== 200) throw cleverTapError(response, settings);
  const reply = parseResponse(response, profileReplySchema, { vendor: 'clevertap', what: 'the profile look-up' });
  if (mapCleverTapStatus(reply.status) !== 'taken') throw cleverTapError(response, settings);
  const record = reply.record ?? {};
  if (Object.keys(record).length === 0) return { type: 'nothing', sign: 'no record' };
  const devices = devicesSchema.safeParse(record.platformInfo);
  return { type: 'present', guids: devices.data?.map(({ objectId }) => objectId) };
}

/** @throws ConnectorError `answer-contradictory` where the devices of a profile are others than the one that was asked by. */
export function expectDevice(guids: readonly string[], asked: string): void {
  if (guids.length === 0 || guids.includes(asked)) return;
  expectSame(guids, asked, { vendor: 'clevertap', what: 'the profile look-up', field: 'platformInfo' });
}
