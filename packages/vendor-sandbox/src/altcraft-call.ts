import { type AltcraftMatchingMode, altcraftMatchingModes } from './altcraft-database.ts';
import { parseAltcraftXml } from './altcraft-xml.ts';
import { asRecord, type VendorRequest } from './kit/vendor-exchange.ts';

/** How a body goes over the wire. */
export type AltcraftFormat = 'json' | 'xml';

/** A call with its body read, whatever format it came in. */
export interface AltcraftCall {
  /** undefined where the body could not be read. */
  readonly fields: Record<string, unknown> | undefined;
  /** In XML every value is text; then a number is read from its digits. */
  readonly isText: boolean;
  /** The format of the reply: what `format` asks for (in the body, the query or a header), else that of the request. */
  readonly replyFormat: AltcraftFormat;
  /** From the body, or from the `Authorization` header. */
  readonly token: string | undefined;
}

/** Reads the body by the request's content type. */
export function readAltcraftCall(request: VendorRequest): AltcraftCall {
  const isXml = /^(application|text)\/xml\b/.test(request.headers['content-type'] ?? '');
  const fields = asRecord(isXml ? parseAltcraftXml(request.body) : request.json());
  const asked = fields?.format ?? request.query.get('format') ?? request.headers.format;
  const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  return {
    fields,
    isText: isXml,
    replyFormat: asked === 'xml' || (asked !== 'json' && isXml) ? 'xml' : 'json',
    token: typeof fields?.token === 'string' ? fields.token : bearer,
  };
}

/** What a matching call asks for. */
export interface AltcraftQuestion {
  readonly mode: AltcraftMatchingMode;
  readonly value: string | number;
  readonly fieldName: string | undefined;
  readonly resourceId: number | undefined;
}

/** Reads the matching fields of a call; undefined where a required one is missing or of the wrong type. */
export function readQuestion({ fields = {}, isText }: AltcraftCall): AltcraftQuestion | undefined {
  const mode = altcraftMatchingModes.find((known) => known === (fields.matching ?? 'email'));
  const resourceId = fields.resource_id === undefined ? undefined : readNumber(fields.resource_id, isText);
  if (mode === undefined || (fields.resource_id !== undefined && resourceId === undefined)) return undefined;
  const value = fields[valueField(mode)];
  const isValue = (typeof value === 'string' && value !== '') || (mode === 'custom' && Number.isInteger(value));
  if (!isValue || (typeof value !== 'string' && typeof value !== 'number')) return undefined;
  const { field_name: name } = fields;
  const fieldName = typeof name === 'string' && name !== '' ? name : undefined;
  if (mode === 'custom' && fieldName === undefined) return undefined;
  return { mode, value, fieldName, resourceId };
}

/** A whole number; in XML from its digits. */
export function readNumber(value: unknown, isText: boolean): number | undefined {
  if (typeof value === 'number') return Number.isInteger(value) ? value : undefined;
  return isText && typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : undefined;
}

function valueField(mode: AltcraftMatchingMode): string {
  switch (mode) {
    case 'custom':
      return 'field_value';
    case 'profile_id':
      return 'profile_id';
    case 'phone':
    case 'phone_sub':
      return 'phone';
    case 'email':
    case 'email_profile':
    case 'email_sub':
      return 'email';
  }
}
