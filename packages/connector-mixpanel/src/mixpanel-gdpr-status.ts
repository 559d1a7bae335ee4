import { type HttpResponse, JsonInvalidError, parseJson, parseResponse } from '@expunge/http-client';
import { isSuccessStatus, taskError } from './mixpanel-error.ts';
import { taskStatusSchema } from './mixpanel-gdpr-api.ts';

/**
 * The status word in the answer about a task.
 *
 * @throws ConnectorError for a refusal, and `response-unexpected` for another shape.
 */
export function readTaskStatus(response: HttpResponse): string {
  if (isSuccessStatus(response)) {
    return parseResponse(response, taskStatusSchema, { vendor: 'mixpanel', what: 'the task status' }).results.status;
  }
  if (mayMeanTheTask(response) && saysNotFound(response.text)) return 'NOT_FOUND';
  throw taskError(response);
}

/**
 * Whether the answer about a task that never was shows that Mixpanel took the credentials and looked.
 *
 * @returns false where the answer leaves it open.
 * @throws ConnectorError for a refusal.
 */
export function knowsNoSuchTask(response: HttpResponse): boolean {
  if (mayMeanTheTask(response)) return saysNotFound(response.text);
  return readTaskStatus(response) === 'NOT_FOUND';
}

// With which HTTP status NOT_FOUND comes is not documented (docs/vendors/mixpanel.md): the word decides.
function mayMeanTheTask(response: HttpResponse): boolean {
  return response.status === 400 || response.status === 404;
}

function saysNotFound(text: string): boolean {
  try {
    const body = taskStatusSchema.safeParse(parseJson(text));
    return body.success && body.data.results.status === 'NOT_FOUND';
  } catch (error) {
    if (error instanceof JsonInvalidError) return false;
    throw error;
  }
}
