import type { CallOptions, ConnectorError } from '@expunge/core';
import { type HttpRequest, type SendOptions, sendRequest } from '@expunge/http-client';
import type { z } from 'zod';
import { type AltcraftCallName, altcraftError, refusalCode } from './altcraft-error.ts';
import { readReply } from './altcraft-reply.ts';

/** What Altcraft says to a call that it understood. */
export type AltcraftAnswer<Data> =
  | {
      /** It did what was asked: HTTP 2xx, `error` 0, and the data that belong to it. */
      readonly type: 'done';
      readonly data: Data;
      /** How many there are in all, in a list. */
      readonly totalCount: number | undefined;
    }
  | {
      /** It refused because of the profile or the request, with a number of its own. */
      readonly type: 'refused';
      readonly code: number;
      /** The refusal as an error, for whoever can't make anything better of the number. */
      readonly error: ConnectorError;
    };

/** How calls are made. */
export interface AltcraftCallOptions {
  readonly call: CallOptions;
  readonly dispatcher?: SendOptions['dispatcher'];
  readonly timeoutMs: number;
}

/**
 * Makes one call and reads the answer.
 *
 * @throws ConnectorError for everything that says nothing about a profile: transport, credentials, permission, limits,
 * trouble, and answers that Altcraft does not document.
 */
export async function callAltcraft<Schema extends z.ZodType>(
  request: HttpRequest,
  schema: Schema,
  name: AltcraftCallName,
  options: AltcraftCallOptions,
): Promise<AltcraftAnswer<z.output<Schema>>> {
  const response = await sendRequest(request, { ...options, vendor: 'altcraft' });
  const reply = readReply(response);
  const code = refusalCode(response, reply);
  if (code !== undefined) return { type: 'refused', code, error: altcraftError(response, reply, name) };
  const isDone = response.status >= 200 && response.status < 300 && reply?.error === 0;
  const data = schema.safeParse(reply?.data);
  if (!isDone || !data.success) throw altcraftError(response, reply, name);
  return { type: 'done', data: data.data, totalCount: reply.totalCount };
}
