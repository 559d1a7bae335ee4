import { ConnectorError } from '@expunge/core';
import { z } from 'zod';
import type { HttpResponse } from './http-request.ts';
import { type JsonBounds, JsonInvalidError, parseJson } from './parse-json.ts';

/** What is read, and how much of it. */
export interface ResponseOptions extends JsonBounds {
  /** The vendor's name, for the error. */
  readonly vendor: string;
  /** What was asked, for the error: `the deletion`. */
  readonly what: string;
}

/** One fault says what is wrong with a list; a message that names thousands helps nobody and costs seconds to make. */
const namedIssues = 50;

/**
 * Reads a JSON answer by the vendor's response schema.
 *
 * @throws ConnectorError `response-unexpected` where it is not JSON or not of that shape. The message names the keys
 * that do not fit and none of the values.
 */
export function parseResponse<Schema extends z.ZodType>(
  response: HttpResponse,
  schema: Schema,
  options: ResponseOptions,
): z.output<Schema> {
  let body: unknown;
  try {
    body = parseJson(response.text, options);
  } catch (error) {
    const isTooLarge = error instanceof JsonInvalidError && error.reason === 'too-large';
    throw unexpected(response, options, isTooLarge ? 'holds more than is read of an answer' : 'is not JSON');
  }
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const issues = result.error.issues.slice(0, namedIssues);
  const keys = [...new Set(issues.map((issue) => knownKeys(schema, issue.path)))].filter((key) => key !== '');
  throw unexpected(response, options, keys.length === 0 ? 'is of another shape' : `does not fit at ${keys.join(', ')}`);
}

function unexpected(response: HttpResponse, options: ResponseOptions, how: string): ConnectorError {
  return new ConnectorError({
    code: 'response-unexpected',
    vendor: options.vendor,
    message: `The answer to ${options.what} ${how} (HTTP ${response.status}).`,
    httpStatus: response.status,
  });
}

// A path names keys of our schema, and inside a record also keys of the vendor's data, which may be a person's id.
// Only keys that stand in the schema are printed.
function knownKeys(schema: z.core.$ZodType, path: readonly PropertyKey[]): string {
  let candidates = [schema];
  return path
    .map((key) => {
      const unwrapped = candidates.flatMap(unwrap);
      const shapes = unwrapped.filter((candidate) => candidate instanceof z.ZodObject).map((object) => object.shape);
      const fields = shapes.flatMap((shape) => (Object.hasOwn(shape, key) ? [shape[String(key)]] : []));
      candidates = fields.length > 0 ? fields : unwrapped.flatMap(elementsOf);
      return fields.length > 0 ? String(key) : '*';
    })
    .join('.');
}

/** What a schema is under its wrappers; of a union, each of its members. */
function unwrap(schema: z.core.$ZodType): z.core.$ZodType[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault) {
    return unwrap(schema.unwrap());
  }
  if (schema instanceof z.ZodPipe) return unwrap(schema.in);
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(unwrap);
  return [schema];
}

function elementsOf(schema: z.core.$ZodType): z.core.$ZodType[] {
  if (schema instanceof z.ZodArray) return [schema.element];
  if (schema instanceof z.ZodRecord) return [schema.valueType];
  return [];
}
