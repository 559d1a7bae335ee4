import { asRecord } from './vendor-exchange.ts';

/** Reads the fields of one seeded person; every complaint names the position in the list and the field. */
export interface PersonFields {
  text(key: string): string | undefined;
  requiredText(key: string): string;
  /** A list of texts, empty when the field is missing. */
  texts(key: string): string[];
  flag(key: string): boolean | undefined;
  /** Complains about fields that nobody has asked for. Call it last. */
  end(): void;
}

export function readPersonFields(value: unknown, position: number): PersonFields {
  const fields = asRecord(value);
  if (fields === undefined) throw new Error(`Person ${position} must be an object.`);
  const asked = new Set<string>();

  function take<T>(key: string, expected: string, isExpected: (field: unknown) => field is T): T | undefined {
    asked.add(key);
    const field = fields?.[key];
    if (field === undefined || isExpected(field)) return field;
    throw new Error(`Person ${position}: "${key}" must be ${expected}.`);
  }

  return {
    text: (key) => take(key, 'a text', isText),
    requiredText(key) {
      const text = take(key, 'a text', isText);
      if (text === undefined || text === '') throw new Error(`Person ${position}: "${key}" is missing.`);
      return text;
    },
    texts: (key) => take(key, 'a list of texts', isTextList) ?? [],
    flag: (key) => take(key, 'true or false', isFlag),
    end() {
      const unknown = Object.keys(fields).find((key) => !asked.has(key));
      if (unknown !== undefined)
        throw new Error(`Person ${position} has a field "${unknown}" that means nothing here.`);
    },
  };
}

const isText = (field: unknown): field is string => typeof field === 'string';
const isTextList = (field: unknown): field is string[] => Array.isArray(field) && field.every(isText);
const isFlag = (field: unknown): field is boolean => typeof field === 'boolean';
