import { z } from 'zod';
import { templateSchema } from './template.ts';

/** Any JSON value. */
export type JsonValue = z.infer<typeof jsonSchema>;
const jsonSchema = z.json();

/** A bare host name, with a port where it is not the usual one. No placeholder: nothing can steer a call elsewhere. */
export const hostSchema = z
  .string()
  .regex(
    /^[a-z0-9-]+(\.[a-z0-9-]+)+(:\d{1,5})?$/,
    'must be a bare host name in lower case, such as api.example.com: no scheme, no path, no placeholder',
  );

const segment = String.raw`([A-Za-z0-9._~:@!$&'()*+,;=-]|%[0-9A-Fa-f]{2}|\{[a-zA-Z][a-zA-Z0-9_]*\})`;

const pathSchema = z
  .string()
  .regex(
    new RegExp(String.raw`^(\/${segment}+)*\/?$`),
    'must be a path such as /users/{id}: it begins with a slash, and has no empty part, query or fragment',
  )
  .min(1)
  .refine((path) => !/(^|\/)(\.|%2e){1,2}(\/|$)/i.test(path), 'must not have a part that is only dots');

const eachSchema = z.strictObject({
  /** Stands once for each target of the call, under the same name each time. */
  $each: templateSchema,
});

const fieldsSchema = z.record(z.string().min(1), z.union([templateSchema, eachSchema]));

/** Headers that the HTTP client writes itself, or that would turn the call to somebody else. */
const ownHeaders = ['host', 'content-length', 'transfer-encoding', 'connection', 'upgrade', 'expect', 'te', 'trailer'];

/** Header names with their values. */
export const headersSchema = z.record(
  z
    .string()
    .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, 'must be a header name')
    .refine((name) => !ownHeaders.includes(name.toLowerCase()), 'is a header that can’t be set'),
  templateSchema,
);

/** Runtime check of {@link RequestTemplate}. */
export const requestSchema = z.strictObject({
  /** The HTTP method. */
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
  /** One of `hosts`, where it is not the first of them. */
  host: hostSchema.optional(),
  /** The path. Placeholders are percent-encoded. */
  path: pathSchema,
  /** The query. Names and values are percent-encoded. */
  query: fieldsSchema.optional(),
  /** Headers of this call, beside those of all calls. */
  headers: headersSchema.optional(),
  /** A JSON body. A text in it may be a placeholder; `{ $each: ... }` is a list with one item for each target. */
  json: jsonSchema.optional(),
  /** A body as HTML forms send it (`application/x-www-form-urlencoded`). */
  form: fieldsSchema.optional(),
});

/** One call, with placeholders where values go in. */
export interface RequestTemplate extends z.output<typeof requestSchema> {}

/** A field of a query or a form. */
export type FieldTemplate = z.output<typeof fieldsSchema>[string];
