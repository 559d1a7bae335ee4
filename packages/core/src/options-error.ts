import type { z } from 'zod';

/** One thing that is wrong with a connector's options. */
export interface OptionsIssue {
  /** Where: the keys down to the value, outermost first. Empty: the options as a whole. */
  readonly path: readonly (string | number)[];
  /** What is wrong, without the value itself: it may be a secret. */
  readonly message: string;
}

const marker = Symbol.for('expunge.OptionsError.v1');

/** A connector was made with wrong options. Names every wrong key, and no value. */
export class OptionsError extends Error {
  override readonly name = 'OptionsError';
  /** Everything that is wrong, not only the first. */
  readonly issues: readonly OptionsIssue[];

  constructor(connector: string, issues: readonly OptionsIssue[]) {
    super(`Wrong options for ${connector}: ${issues.map(describe).join('; ')}`);
    this.issues = issues;
    Object.defineProperty(this, marker, { value: true });
  }

  /** Whether a value is an OptionsError, also one of another installed copy of this package. */
  static isInstance(value: unknown): value is OptionsError {
    return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[marker] === true;
  }
}

/**
 * Checks a connector's options against its schema.
 *
 * @param connector - What the message calls it: `connector-mixpanel`.
 * @throws OptionsError naming every wrong key.
 */
export function parseOptions<Schema extends z.ZodType>(
  connector: string,
  schema: Schema,
  options: unknown,
): z.output<Schema> {
  const result = schema.safeParse(options);
  if (result.success) return result.data;
  throw new OptionsError(
    connector,
    result.error.issues.flatMap((issue) => toIssues(issue, options)),
  );
}

function toIssues(issue: z.core.$ZodIssue, input: unknown): OptionsIssue[] {
  const path = issue.path.map((key) => (typeof key === 'number' ? key : String(key)));
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...path, key], message: 'is not an option; check the spelling' }));
  }
  const value = valueAt(input, issue.path);
  if (value === undefined && isAboutTheValue(issue)) return [{ path, message: missing(issue) }];
  if (issue.code === 'invalid_key') {
    return [{ path, message: issue.issues.map((inner) => inner.message).join('; ') }];
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) return toUnionIssues(issue, path, value);
  return [{ path, message: issue.message }];
}

function toUnionIssues(
  issue: z.core.$ZodIssueInvalidUnion,
  path: OptionsIssue['path'],
  value: unknown,
): OptionsIssue[] {
  // A schema may say in its own words which forms there are; zod's own word for it says nothing.
  const forms = issue.message === 'Invalid input' ? undefined : issue.message;
  // Where the value has the type of one form only, that form was meant: its keys say more than "fits none".
  const isOther = ({ code }: z.core.$ZodIssue) =>
    code === 'invalid_type' || (code === 'invalid_value' && typeof value === 'object');
  const [form, ...others] = issue.errors.filter(
    (inner) => !inner.some((each) => each.path.length === 0 && isOther(each)),
  );
  const isOneOfWords = form?.every((inner) => inner.path.length === 0 && inner.code === 'invalid_value') === true;
  if (form === undefined || others.length > 0 || (isOneOfWords && forms !== undefined)) {
    return [{ path, message: forms ?? 'has none of the forms that it may have' }];
  }
  return form.flatMap((inner) => toIssues(inner, value)).map((inner) => ({ ...inner, path: [...path, ...inner.path] }));
}

// A rule that spans several keys speaks of one that is left out in its own words.
function isAboutTheValue(issue: z.core.$ZodIssue): boolean {
  return ['invalid_type', 'invalid_value', 'invalid_union'].includes(issue.code);
}

/** Says that there is nothing, and which words it may be where there is a list. The words are the schema's. */
function missing(issue: z.core.$ZodIssue): string {
  if (issue.path.length === 0) return 'there are none';
  const words = wordsOf(issue);
  return words.length === 0 ? 'is missing' : `is missing; it must be ${words.map((word) => `'${word}'`).join(' | ')}`;
}

function wordsOf(issue: z.core.$ZodIssue): string[] {
  if (issue.code === 'invalid_value') return issue.values.map(String);
  if (issue.code === 'invalid_union' && 'options' in issue) return (issue.options ?? []).map(String);
  return [];
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined,
    input,
  );
}

function describe(issue: OptionsIssue): string {
  return issue.path.length === 0 ? issue.message : `${issue.path.join('.')}: ${issue.message}`;
}
