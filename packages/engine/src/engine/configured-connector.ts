import type { DeletionConnector } from '@expunge/core';

/**
 * When a deletion is checked by reading the vendor's data back.
 *
 * - `off`: never. The best assurance is `confirmed`.
 * - `after`: once the deletion should be done. Finds contradictions; absence alone proves nothing, so the assurance stays.
 * - `before-and-after`: also before. Seen before and gone after is `verified`.
 */
export type VerifyMode = 'off' | 'after' | 'before-and-after';

/** The share of the vendor's rate limits that is used where none is configured. */
export const defaultLimitShare = 0.8;

/** One account at one vendor, under the name the company gives it. */
export interface ConfiguredConnector {
  /** The company's name for it: `mixpanel-eu`. Letters, digits, `-`, `_`, `.`. Ledgers and reports carry it. */
  readonly name: string;
  /** The connector, made with its options. */
  readonly connector: DeletionConnector;
  /**
   * Which of the company's identifier types the vendor's are: `{ distinct_id: ['user_id'] }`. A vendor type that is not
   * named here keeps the connector's own default; an empty list turns it off.
   */
  readonly identifiers?: Readonly<Record<string, readonly string[]>> | undefined;
  /** When the vendor's data is read back. Default: `off`. */
  readonly verify?: VerifyMode | undefined;
  /**
   * Connectors that come first: a request goes to this one only when it was sent at those, or can't be. Stops the pipe
   * before the sinks. It waits for the vendor to have taken it, not for weeks until it is done: the law would not.
   */
  readonly after?: readonly string[] | undefined;
  /** The share of the vendor's rate limits to use, above 0 and up to 1. The company's own traffic needs room too. Default: 0.8. */
  readonly limitShare?: number | undefined;
  /**
   * A name for the vendor's account, where several connectors use the same one: limits that they state alike are then one
   * limit, and the calls of all count towards it. Their vendor and `limitShare` must be the same. Default: an account of its own.
   */
  readonly account?: string | undefined;
}
