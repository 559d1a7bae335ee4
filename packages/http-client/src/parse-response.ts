import { ConnectorError } from '@expunge/core';
import type { z } from 'zod';
import type { HttpResponse } from './http-request.ts';
import { parseJson } from './parse-json.ts';

/**
 * Reads a JSON answer by the vendor's response schema.
 *
 * @throws ConnectorError `response-unexpected` where it is not JSON or not of that shape. The message names the keys
 * that do not fit and none of the values.
 */
export function parseResponse<Schema extends z.ZodType>(
  response: HttpResponse,
  schema: Schema,
  options: { readonly vendor: string; readonly what: string },
): z.output<Schema> {
  let body: unknown;
  try {
    body = parseJson(response.text);
  } catch {
    throw unexpected(response, options, 'is not JSON');
  }
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const keys = [...new Set(result.error.issues.map((issue) => knownKeys(issue.path)))].filter((key) => key !== '');
  throw unexpected(response, options, keys.length === 0 ? 'is of another shape' : `does not fit at ${keys.join(', ')}`);
}

function unexpected(response: HttpResponse, options: { vendor: string; what: string }, how: string): ConnectorError {
  return new ConnectorError({
    code: 'response-unexpected',
    vendor: options.vendor,
    message: `The answer to ${options.what} ${how} (HTTP ${response.status}).`,
    httpStatus: response.status,
  });
}

// A path names keys of our schema, and in a record also keys of the vendor's data, which may be a person's id.
// Only plain lower-case words of a schema are printed.
function knownKeys(path: readonly PropertyKey[]): string {
  return path.map((key) => (typeof key === 'string' && /^[a-z_]{1,32}$/i.test(key) ? key : '*')).join('.');
}
