import { z } from 'zod';

/** A text with placeholders, taken apart: what stands there as it is, and the names of what is put in. */
export type TemplatePart = { readonly text: string } | { readonly name: string };

/** What is put in for each placeholder. */
export type Scope = ReadonlyMap<string, string>;

// Everything up to a brace, a doubled brace, or a placeholder.
const token = /[^{}]+|\{\{|\}\}|\{([a-zA-Z][a-zA-Z0-9_]*)\}/y;

/** @returns undefined where a brace belongs to no placeholder. */
function parseTemplate(template: string): readonly TemplatePart[] | undefined {
  const parts: TemplatePart[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < template.length) {
    const match = token.exec(template);
    if (match === null) return undefined;
    const [text, name] = match;
    if (name !== undefined) parts.push({ name });
    else parts.push({ text: text === '{{' || text === '}}' ? text.slice(1) : text });
  }
  return parts;
}

/** The names of a template's placeholders, each as often as it stands there. */
export function placeholdersIn(template: string): readonly string[] {
  return (parseTemplate(template) ?? []).flatMap((part) => ('name' in part ? [part.name] : []));
}

/** Puts the values in, each encoded for the place where it stands. What is put in is never read as a template again. */
export function expandTemplate(template: string, scope: Scope, encode: (value: string) => string = (value) => value) {
  return (parseTemplate(template) ?? [])
    .map((part) => ('text' in part ? part.text : encode(scope.get(part.name) ?? '')))
    .join('');
}

/** Percent-encodes everything but letters, digits, "-", ".", "_" and "~": the unreserved characters of RFC 3986. */
export function percentEncode(value: string): string {
  return encodeURIComponent(value).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** A text in which `{name}` stands for a value. */
export const templateSchema = z
  .string()
  .refine(
    (text) => parseTemplate(text) !== undefined,
    'has a brace without a name in it; a brace itself is written {{ or }}',
  );
