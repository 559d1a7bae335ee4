import { ConnectorError } from '@expunge/core';

/** What an answer says that it is about: an id, several, or nothing that could be compared. */
export type Named = string | readonly string[] | null | undefined;

/** What is compared, for the message and the comparison. */
export interface ExpectSameOptions {
  /** The vendor's name. */
  readonly vendor: string;
  /** What the answer is: "the task status". */
  readonly what: string;
  /** The vendor's field that names it: "tracking_id". */
  readonly field: string;
  /** What makes two spellings one id, where the vendor documents that. Default: ids are compared as they are. */
  readonly fold?: (id: string) => string;
}

/**
 * Compares what an answer says it is about with what was asked. Vendors mix answers up, and so do caches and proxies on the
 * way: an answer about somebody else says nothing about the person who was asked for. Several ids are compared as sets.
 *
 * An answer that names nothing (undefined, null) is let pass: whether that is enough is the connector's to decide.
 *
 * @throws ConnectorError `answer-contradictory` where it names something else. The message holds no id.
 */
export function expectSame(named: Named, asked: string | readonly string[], options: ExpectSameOptions): void {
  if (named === undefined || named === null) return;
  const { vendor, what, field, fold = (id: string) => id } = options;
  const theirs = new Set([named].flat().map(fold));
  const ours = new Set([asked].flat().map(fold));
  if (theirs.size === ours.size && [...ours].every((id) => theirs.has(id))) return;
  throw new ConnectorError({
    code: 'answer-contradictory',
    vendor,
    message: `The answer to ${what} is about something else than was asked: its ${field} differs. Look into it by hand.`,
  });
}
