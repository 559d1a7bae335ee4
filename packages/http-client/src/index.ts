export { type ExpectSameOptions, expectSame, type Named } from './expect-same.ts';
export { codeOfStatus, type HttpErrorOptions, httpError } from './http-error.ts';
export type { HttpRequest, HttpResponse, RawHttpResponse } from './http-request.ts';
export { type JsonBounds, JsonInvalidError, parseJson, readJson } from './parse-json.ts';
export { parseResponse, type ResponseOptions } from './parse-response.ts';
export { readRetryAfterMs } from './retry-after.ts';
export { type SendOptions, sendRequest } from './send-request.ts';
