import type { JsonValue } from './request-schema.ts';
import { expandTemplate, type Scope } from './template.ts';

/** The key that stands alone in an object and makes a list of it, one item for each target. */
export const eachKey = '$each';

/** One target as a template sees it. */
export interface TargetScope {
  /** `id` and `type`, with everything that is the same for the whole call. */
  readonly scope: Scope;
  /** The vendor wants the id as a number. */
  readonly isInteger: boolean;
}

// TypeScript's library for ES2024 lacks it; every Node that is supported has it. It writes digits that no number holds.
const { rawJSON } = JSON as typeof JSON & { rawJSON(text: string): unknown };

/** What stands under `$each`, where a value is such a list. */
export function eachTemplate(value: JsonValue | undefined): JsonValue | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.keys(value).length === 1 && Object.hasOwn(value, eachKey) ? value[eachKey] : undefined;
}

/**
 * Writes a JSON body. Values go in as whole texts (or whole numbers), so that none of them can change the body's shape.
 *
 * @param call - What is the same for the whole call; with the target's own where there is one target.
 */
export function writeJson(template: JsonValue, call: TargetScope, targets: readonly TargetScope[]): string {
  return JSON.stringify(expand(template, call, targets));
}

function expand(template: JsonValue, call: TargetScope, targets: readonly TargetScope[]): unknown {
  if (typeof template === 'string') return expandText(template, call);
  if (Array.isArray(template)) return template.map((item) => expand(item, call, targets));
  if (typeof template !== 'object' || template === null) return template;
  const each = eachTemplate(template);
  if (each !== undefined) return targets.map((target) => expand(each, target, []));
  return Object.fromEntries(
    Object.entries(template).map(([key, value]) => [expandTemplate(key, call.scope), expand(value, call, targets)]),
  );
}

function expandText(template: string, { scope, isInteger }: TargetScope): unknown {
  return isInteger && template === '{id}' ? rawJSON(scope.get('id') ?? '') : expandTemplate(template, scope);
}
