import type { Fault, FaultRule } from './fault-list.ts';
import { asRecord } from './vendor-exchange.ts';

/**
 * Reads a fault rule that came as JSON. It looks like the rule in code, except that `path` and `body` are the text of
 * a regular expression and that `times` may be `"infinity"`.
 */
export function parseFaultRule(value: unknown): FaultRule {
  const fields = asRecord(value);
  if (fields === undefined) throw new Error('A fault rule is an object: {"fault": {"type": "..."}}.');
  const rule: FaultRule = { fault: parseFault(fields.fault) };
  for (const [key, field] of Object.entries(fields)) {
    if (key === 'fault') continue;
    else if (key === 'method') rule.method = text(field, key);
    else if (key === 'path' || key === 'body') rule[key] = new RegExp(text(field, key));
    else if (key === 'times') rule.times = field === 'infinity' ? Number.POSITIVE_INFINITY : count(field, key);
    else if (key === 'skip') rule.skip = count(field, key);
    else throw new Error(`A fault rule has no field "${key}".`);
  }
  return rule;
}

function parseFault(value: unknown): Fault {
  const fields = asRecord(value);
  const type = fields?.type;
  switch (type) {
    case 'reset-before':
    case 'reset-after':
    case 'hang-before':
    case 'hang-after':
    case 'truncated':
    case 'lie':
      return { type };
    case 'html':
      return { type, acted: fields?.acted === true };
    case 'status':
      return {
        type,
        status: count(fields?.status, 'fault.status'),
        headers: headersOf(fields?.headers),
        body: fields?.body,
        acted: fields?.acted === true,
      };
    case 'enormous':
      return { type, bytes: count(fields?.bytes, 'fault.bytes') };
    case 'slow':
      return { type, chunkDelayMs: count(fields?.chunkDelayMs, 'fault.chunkDelayMs') };
    default:
      throw new Error('fault.type is not one of the fault types of the sandbox kit.');
  }
}

function headersOf(value: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries(asRecord(value) ?? {}).map(([name, header]) => [name, text(header, 'fault.headers')]),
  );
}

function text(value: unknown, key: string): string {
  if (typeof value !== 'string') throw new Error(`"${key}" must be a string.`);
  return value;
}

function count(value: unknown, key: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) {
    throw new Error(`"${key}" must be a whole number from 0 up.`);
  }
  return value;
}
