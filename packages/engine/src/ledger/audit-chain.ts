import { createHash } from 'node:crypto';

/** One entry of the audit log. Holds no personal data. */
export interface AuditEntry {
  /** Its number, from 1, without gaps. */
  readonly sequence: number;
  /** When it was written, in milliseconds since 1970. */
  readonly at: number;
  /** What happened, as JSON. */
  readonly text: string;
  /** The hash over the entry before and this one, in hexadecimal. */
  readonly hash: string;
}

/** The end of an audit log: whoever keeps it elsewhere can tell later whether anything before it was changed. */
export interface AuditHead {
  /** The last entry's number; 0: there is none. */
  readonly sequence: number;
  /** The last entry's hash. */
  readonly hash: string;
}

/** The head of an empty log. */
export const emptyHead: AuditHead = { sequence: 0, hash: '0'.repeat(64) };

/** The hash of an entry: SHA-256 over the hash before it, its number, its time and its text, one per line. */
export function hashEntry(previousHash: string, sequence: number, at: number, text: string): string {
  return createHash('sha256').update(`${previousHash}\n${sequence}\n${at}\n${text}`).digest('hex');
}

/** What checking an audit log came to. */
export type AuditVerdict =
  | { readonly isIntact: true; readonly entries: number; readonly head: AuditHead }
  | { readonly isIntact: false; readonly sequence: number; readonly fault: string };

/**
 * Checks a log link by link.
 *
 * @param anchor - A head that was kept elsewhere: the log must still contain it.
 * @returns The first broken link, where there is one.
 */
export function checkChain(entries: Iterable<AuditEntry>, anchor?: AuditHead): AuditVerdict {
  let head = emptyHead;
  for (const entry of entries) {
    const expected = head.sequence + 1;
    if (entry.sequence !== expected) {
      return {
        isIntact: false,
        sequence: expected,
        fault: `Entry ${expected} is missing; entry ${entry.sequence} follows entry ${head.sequence}.`,
      };
    }
    if (hashEntry(head.hash, entry.sequence, entry.at, entry.text) !== entry.hash) {
      return {
        isIntact: false,
        sequence: expected,
        fault: `Entry ${expected} was changed, or does not follow the entry before it.`,
      };
    }
    head = { sequence: entry.sequence, hash: entry.hash };
    if (anchor?.sequence === head.sequence && anchor.hash !== head.hash) {
      return {
        isIntact: false,
        sequence: expected,
        fault: `Entry ${expected} is not the one that was anchored: the log was rewritten.`,
      };
    }
  }
  if (anchor !== undefined && anchor.sequence > head.sequence) {
    return {
      isIntact: false,
      sequence: head.sequence + 1,
      fault: `The log ends at entry ${head.sequence}; the anchored entry ${anchor.sequence} is missing.`,
    };
  }
  return { isIntact: true, entries: head.sequence, head };
}
