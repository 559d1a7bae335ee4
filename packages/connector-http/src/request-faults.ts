import type { OptionsIssue } from '@expunge/core';
import { buildRequest, expandHeaders, scopeOf } from './http-api.ts';
import type { HttpSettings } from './http-options.ts';
import { eachKey, eachTemplate } from './json-body.ts';
import type { FieldTemplate, JsonValue, RequestTemplate } from './request-schema.ts';
import { placeholdersIn, type Scope } from './template.ts';

type Path = OptionsIssue['path'];

/** What a request may speak of. */
export interface RequestUse {
  /** How many targets it is about: none, one, or as many as fit into a call. */
  readonly targets: 'none' | 'one' | 'several';
  /** Whether `{type}` is the same for the whole call. */
  readonly isOneType: boolean;
  /** The names that the receipt keeps; none where there is none yet. */
  readonly receipt: readonly string[];
}

interface Text {
  readonly path: Path;
  readonly text: string;
  readonly place: 'path' | 'field' | 'name' | 'header';
  /** Whether it stands under `$each`. */
  readonly isEach: boolean;
}

/** What is wrong with one request, by itself and in what it speaks of. */
export function requestFaults(
  request: RequestTemplate,
  path: Path,
  settings: HttpSettings,
  use: RequestUse,
): OptionsIssue[] {
  const texts = textsOf(request, path);
  const faults = [
    ...shapeFaults(request, path, settings),
    ...unquotedFaults(request.json, [...path, 'json'], settings, use),
    ...texts.flatMap((text) => textFaults(text, settings, use)),
    ...namingFaults(texts, path, use),
  ];
  return faults.length > 0 ? faults : builtFaults(request, path, settings, use);
}

function shapeFaults(request: RequestTemplate, path: Path, { hosts, baseUrl }: HttpSettings): OptionsIssue[] {
  const faults: OptionsIssue[] = [];
  if (request.host !== undefined && !hosts?.includes(request.host)) {
    faults.push({ path: [...path, 'host'], message: 'is not one of hosts; a call goes to no other host' });
  }
  if (request.host === undefined && hosts === undefined && baseUrl === undefined) return faults;
  if (request.json !== undefined && request.form !== undefined) {
    faults.push({ path: [...path, 'form'], message: 'stands beside json; a call has one body' });
  }
  if (request.method === 'GET' && (request.json !== undefined || request.form !== undefined)) {
    faults.push({ path: [...path, 'method'], message: 'is GET, which has no body; use query, or another method' });
  }
  return faults;
}

/** Every text of a request in which a placeholder can stand. */
function textsOf(request: RequestTemplate, path: Path): Text[] {
  const headers = Object.entries(request.headers ?? {}).map(
    ([name, text]): Text => ({ path: [...path, 'headers', name], text, place: 'header', isEach: false }),
  );
  return [
    { path: [...path, 'path'], text: request.path, place: 'path', isEach: false },
    ...fieldTexts(request.query, [...path, 'query']),
    ...fieldTexts(request.form, [...path, 'form']),
    ...headers,
    ...(request.json === undefined ? [] : jsonTexts(request.json, [...path, 'json'], false)),
  ];
}

function fieldTexts(fields: Readonly<Record<string, FieldTemplate>> = {}, path: Path): Text[] {
  return Object.entries(fields).flatMap(([name, field]): Text[] => {
    const at = [...path, name];
    const key: Text = { path: at, text: name, place: 'name', isEach: false };
    if (typeof field === 'string') return [key, { path: at, text: field, place: 'field', isEach: false }];
    return [key, { path: [...at, eachKey], text: field.$each, place: 'field', isEach: true }];
  });
}

function jsonTexts(value: JsonValue, path: Path, isEach: boolean): Text[] {
  if (typeof value === 'string') return [{ path, text: value, place: 'field', isEach }];
  if (Array.isArray(value)) return value.flatMap((item, index) => jsonTexts(item, [...path, index], isEach));
  if (typeof value !== 'object' || value === null) return [];
  const each = eachTemplate(value);
  if (each !== undefined && !isEach) return jsonTexts(each, [...path, eachKey], true);
  return Object.entries(value).flatMap(([name, inner]): Text[] => [
    { path: [...path, name], text: name, place: 'name', isEach },
    ...jsonTexts(inner, [...path, name], isEach),
  ]);
}

function textFaults(text: Text, settings: HttpSettings, use: RequestUse): OptionsIssue[] {
  const known = knownNames(settings, use);
  return [...new Set(placeholdersIn(text.text))].flatMap((name): OptionsIssue[] => {
    const fault = known.includes(name) ? misplaced(name, text, settings, use) : unknown(name, known);
    return fault === undefined ? [] : [{ path: text.path, message: fault }];
  });
}

function unknown(name: string, known: readonly string[]): string {
  const list =
    known.length === 0
      ? 'no placeholder is known here'
      : `known here are ${known.map((each) => `{${each}}`).join(', ')}`;
  return `{${name}} stands for nothing; ${list}`;
}

/** Why a placeholder may not stand where it does: because it could change more there than a value. */
function misplaced(name: string, { text, place, isEach }: Text, settings: HttpSettings, use: RequestUse) {
  if (Object.hasOwn(settings.values, name)) return undefined;
  if (place === 'header') return `{${name}} may not stand in a header; only values may`;
  if (place === 'name' && name !== 'type') return `{${name}} may not be part of a name; only {type} and values may`;
  if (use.targets === 'several' && !isEach && name === 'id') {
    return `{id} stands for one target, and a call has up to ${settings.limits.submit.maxTargets}; put it under ${eachKey}`;
  }
  if (name === 'type' && !use.isOneType && !isEach) {
    return '{type} differs between the targets of a call; set limits.submit.oneTypePerCall, or put it under $each';
  }
  if (name === 'type') return undefined;
  if (place === 'field' && text !== `{${name}}`) {
    return `{${name}} must stand alone, with no other text around it: a person's id could change what the text means`;
  }
  const around = text.split('/').filter((part) => part.includes(`{${name}}`));
  if (place === 'path' && around.some((part) => !/^[A-Za-z0-9._~:@-]*$/.test(part.replace(/\{[^}]*\}/g, '')))) {
    return `{${name}} may stand in a part of the path with letters, digits, "-", "_", ".", "~", ":" and "@" only`;
  }
  return undefined;
}

function knownNames(settings: HttpSettings, { targets, receipt }: RequestUse): string[] {
  return [...(targets === 'none' ? [] : ['id', 'type']), ...receipt, ...Object.keys(settings.values)];
}

/** A call about somebody that does not say about whom would be about everybody, or about nobody. */
function namingFaults(texts: readonly Text[], path: Path, { targets, receipt }: RequestUse): OptionsIssue[] {
  const names = texts.flatMap(({ text }) => placeholdersIn(text));
  if (targets !== 'none' && !names.includes('id')) {
    return [{ path, message: 'never says whom it is about: {id} has to stand in path, query, json or form' }];
  }
  if (receipt.length > 0 && !receipt.some((name) => names.includes(name))) {
    const list = receipt.map((name) => `{${name}}`).join(' or ');
    return [
      { path, message: `never says which submission it is about: ${list} has to stand in path, query, json or form` },
    ];
  }
  return [];
}

// YAML reads {id} without quotes as a map with an empty value, and the vendor would be sent that.
function unquotedFaults(
  value: JsonValue | undefined,
  path: Path,
  settings: HttpSettings,
  use: RequestUse,
): OptionsIssue[] {
  if (typeof value !== 'object' || value === null) return [];
  const entries = Object.entries(value);
  const [[name, inner] = []] = entries;
  if (
    !Array.isArray(value) &&
    entries.length === 1 &&
    inner === null &&
    knownNames(settings, use).includes(`${name}`)
  ) {
    return [{ path, message: `is a map, and not the placeholder: write '{${name}}' in quotes` }];
  }
  return entries.flatMap(([key, each]) =>
    unquotedFaults(each, [...path, Array.isArray(value) ? Number(key) : key], settings, use),
  );
}

/** Builds the request once, with values that are as plain as can be. */
function builtFaults(request: RequestTemplate, path: Path, settings: HttpSettings, use: RequestUse): OptionsIssue[] {
  const scope = scopeOf(settings, Object.fromEntries(use.receipt.map((name) => [name, '1'])));
  const type = settings.identifiers[0]?.type ?? '';
  const targets = use.targets === 'none' ? [] : [{ type, value: '1' }];
  const faults = headerFaults(request.headers ?? {}, [...path, 'headers'], scope);
  if (buildRequest(request, settings, scope, targets) !== undefined) return faults;
  const message = 'makes another URL than the one that stands here; check the host, and values that are only dots';
  return [...faults, { path: [...path, 'path'], message }];
}

/** Values that no header can carry, such as a secret with a line break at its end. */
export function headerFaults(headers: Readonly<Record<string, string>>, path: Path, scope: Scope): OptionsIssue[] {
  return Object.entries(headers).flatMap(([name, text]): OptionsIssue[] => {
    const value = Object.values(expandHeaders({ [name]: text }, scope))[0] ?? '';
    if (/^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(value)) return [];
    const message =
      'must be printable ASCII, with no space around it; check the values in it for a line break at the end';
    return [{ path: [...path, name], message }];
  });
}
