import type { Target } from '@expunge/core';
import type { HttpRequest } from '@expunge/http-client';
import type { HttpSettings } from './http-options.ts';
import { type TargetScope, writeJson } from './json-body.ts';
import type { FieldTemplate, RequestTemplate } from './request-schema.ts';
import { expandTemplate, percentEncode, type Scope } from './template.ts';

/** What a description says of where calls go and what they carry. */
export type CallSettings = Pick<HttpSettings, 'hosts' | 'baseUrl' | 'values' | 'auth' | 'headers' | 'identifiers'>;

/** The values of a description, and those of a receipt. */
export function scopeOf(settings: Pick<HttpSettings, 'values'>, receipt: Readonly<Record<string, string>> = {}): Scope {
  return new Map([...Object.entries(settings.values), ...Object.entries(receipt)]);
}

/** A scope with a target in it. */
export function targetScope(settings: CallSettings, scope: Scope, { type, value }: Target): TargetScope {
  const isInteger = settings.identifiers.some((identifier) => identifier.type === type && identifier.as === 'integer');
  return { scope: new Map([...scope, ['type', type], ['id', value]]), isInteger };
}

/**
 * Builds a call. With one target its id can stand anywhere; with several only under `$each`.
 *
 * @returns undefined where the values would make the URL another one: then nothing may be sent.
 */
export function buildRequest(
  template: RequestTemplate,
  settings: CallSettings,
  scope: Scope,
  targets: readonly Target[] = [],
): HttpRequest | undefined {
  const [first] = targets;
  const each = targets.map((target) => targetScope(settings, scope, target));
  const call = first === undefined ? { scope, isInteger: false } : targetScope(settings, scope, first);
  const url = buildUrl(template, settings, call.scope, each);
  if (url === undefined) return undefined;
  const body = buildBody(template, call, each);
  const headers = {
    ...body?.headers,
    ...authorization(settings),
    ...expandHeaders(settings.headers, scope),
    ...expandHeaders(template.headers ?? {}, scope),
  };
  return { method: template.method, url, headers, ...(body === undefined ? {} : { body: body.text }) };
}

/** The headers as they are sent: names in lower case. */
export function expandHeaders(headers: Readonly<Record<string, string>>, scope: Scope): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), expandTemplate(value, scope)]),
  );
}

function buildUrl(
  template: RequestTemplate,
  settings: CallSettings,
  scope: Scope,
  each: readonly TargetScope[],
): string | undefined {
  const base = settings.baseUrl ?? `https://${template.host ?? settings.hosts?.[0]}`;
  const path = expandTemplate(template.path, scope, percentEncode);
  const query = expandFields(template.query ?? {}, scope, each)
    .map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`)
    .join('&');
  const url = `${base}${path}${query === '' ? '' : `?${query}`}`;
  // A part that is "." or ".." takes away the part before it, however it is encoded. Whatever reading the URL would
  // change is not sent: it would reach another record, and in the worst case all of them.
  return URL.canParse(url) && new URL(url).href === url ? url : undefined;
}

function expandFields(
  fields: Readonly<Record<string, FieldTemplate>>,
  scope: Scope,
  each: readonly TargetScope[],
): [name: string, value: string][] {
  return Object.entries(fields).flatMap(([name, field]): [string, string][] => {
    const key = expandTemplate(name, scope);
    if (typeof field === 'string') return [[key, expandTemplate(field, scope)]];
    return each.map((target) => [key, expandTemplate(field.$each, target.scope)]);
  });
}

function buildBody(template: RequestTemplate, call: TargetScope, each: readonly TargetScope[]) {
  if (template.json !== undefined) {
    return { text: writeJson(template.json, call, each), headers: { 'content-type': 'application/json' } };
  }
  if (template.form === undefined) return undefined;
  const text = new URLSearchParams(expandFields(template.form, call.scope, each)).toString();
  return { text, headers: { 'content-type': 'application/x-www-form-urlencoded' } };
}

function authorization({ auth }: CallSettings): Record<string, string> {
  if (auth === undefined) return {};
  const credentials =
    auth.type === 'bearer'
      ? `Bearer ${auth.token}`
      : `Basic ${Buffer.from(`${auth.username}:${auth.password}`, 'utf8').toString('base64')}`;
  return { authorization: credentials };
}
