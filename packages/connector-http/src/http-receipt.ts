import { notCalled, type Receipt } from '@expunge/core';
import { contentError } from './http-error.ts';
import { valueAt } from './json-pointer.ts';
import { type Reply, textOf } from './match-reply.ts';

// Vendors' job ids are far shorter; what is longer is something else.
const longestText = 256;

/**
 * Takes out of a reply what is needed to ask about the submission later.
 *
 * @param ids - Of the targets. A receipt is stored in the clear and must not name a person.
 * @throws ConnectorError where something is missing, or is a person's id.
 */
export function takeReceipt(
  reply: Reply,
  pointers: Readonly<Record<string, string>>,
  ids: readonly string[],
  vendor: string,
): Receipt {
  const kept = Object.entries(pointers).map(([name, pointer]): [string, string] => {
    const text = textOf(valueAt(reply.json, pointer));
    if (text === undefined || text === '' || text.length > longestText || !text.isWellFormed()) {
      throw contentError(reply, vendor, `The answer to the deletion has nothing to keep for submit.receipt.${name}`);
    }
    // A job's number can be a person's number by chance; any other text can't.
    if (ids.includes(text) && !/^\d+$/.test(text)) {
      const message = `submit.receipt.${name} leads to the person's own id, and a receipt is stored in the clear: choose another value`;
      throw contentError(reply, vendor, message, 'answer-contradictory');
    }
    return [name, text];
  });
  return Object.fromEntries(kept);
}

/**
 * Reads a receipt that the caller kept.
 *
 * @throws ConnectorError `request-rejected` where it is not one of this description.
 */
export function readReceipt(
  receipt: Receipt,
  pointers: Readonly<Record<string, string>>,
  vendor: string,
): Record<string, string> {
  const kept = Object.keys(pointers).map((name): [string, string] => {
    const text = Object.hasOwn(receipt, name) ? receipt[name] : undefined;
    if (typeof text !== 'string' || text === '' || !text.isWellFormed()) {
      const message = `The receipt has no ${name}: it is of another configuration than this one.`;
      throw notCalled(vendor, 'request-rejected', message);
    }
    return [name, text];
  });
  return Object.fromEntries(kept);
}
