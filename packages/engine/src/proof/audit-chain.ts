import { hash } from 'node:crypto';

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
  /** The ledger's signature of the log up to this entry, base64. The last entry of each commit has one. */
  readonly signature?: string | undefined;
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

/** Whether a head can be looked for in a log. That of an empty log is in all of them, and proves nothing. */
function isAnchor({ sequence, hash }: AuditHead): boolean {
  return Number.isSafeInteger(sequence) && sequence >= 1 && /^[0-9a-f]{64}$/.test(hash);
}

/** The hash of an entry: SHA-256 over the hash before it, its number, its time and its text, one per line. */
export function hashEntry(previousHash: string, sequence: number, at: number, text: string): string {
  return hash('sha256', `${previousHash}\n${sequence}\n${at}\n${text}`, 'hex');
}

/** What checking an audit log came to. */
export type AuditResult =
  | { readonly isIntact: true; readonly entries: number; readonly head: AuditHead }
  | { readonly isIntact: false; readonly sequence: number; readonly issue: string };

/** Checks a log entry by entry. */
export interface ChainCheck {
  /** Takes the next entry; gives the verdict where it breaks the chain. */
  take(entry: AuditEntry): AuditResult | undefined;
  /** The verdict at the end of the log. */
  end(): AuditResult;
}

/**
 * Begins to check a log.
 *
 * @param anchor - A head that was kept elsewhere: the log must still contain it.
 */
export function createChainCheck(anchor?: AuditHead): ChainCheck {
  if (anchor !== undefined && !isAnchor(anchor)) {
    throw new TypeError('An anchor is the head of a log that has entries: a number from 1 and 64 hexadecimal digits.');
  }
  let head = emptyHead;
  return {
    take(entry) {
      const broken = findBreak(head, entry, anchor);
      if (broken === undefined) head = entry;
      return broken;
    },
    end: () => endOfChain(head, anchor),
  };
}

/**
 * Checks a log link by link.
 *
 * @param anchor - A head that was kept elsewhere: the log must still contain it.
 * @returns The first broken link, where there is one.
 */
export function checkChain(entries: Iterable<AuditEntry>, anchor?: AuditHead): AuditResult {
  const check = createChainCheck(anchor);
  for (const entry of entries) {
    const broken = check.take(entry);
    if (broken !== undefined) return broken;
  }
  return check.end();
}

/** Checks a log like {@link checkChain}, as it is read. */
export async function checkChainStream(entries: AsyncIterable<AuditEntry>, anchor?: AuditHead): Promise<AuditResult> {
  const check = createChainCheck(anchor);
  for await (const entry of entries) {
    const broken = check.take(entry);
    if (broken !== undefined) return broken;
  }
  return check.end();
}

function findBreak(head: AuditHead, entry: AuditEntry, anchor: AuditHead | undefined): AuditResult | undefined {
  const sequence = head.sequence + 1;
  const broken = (issue: string): AuditResult => ({ isIntact: false, sequence, issue });
  if (entry.sequence !== sequence) {
    return broken(`Entry ${sequence} is missing; entry ${entry.sequence} follows entry ${head.sequence}.`);
  }
  if (hashEntry(head.hash, entry.sequence, entry.at, entry.text) !== entry.hash) {
    return broken(`Entry ${sequence} was changed, or does not follow the entry before it.`);
  }
  if (anchor?.sequence === sequence && anchor.hash !== entry.hash) {
    return broken(`Entry ${sequence} is not the one that was anchored: the log was rewritten.`);
  }
  return undefined;
}

function endOfChain({ sequence, hash }: AuditHead, anchor: AuditHead | undefined): AuditResult {
  if (anchor === undefined || anchor.sequence <= sequence) {
    return { isIntact: true, entries: sequence, head: { sequence, hash } };
  }
  return {
    isIntact: false,
    sequence: sequence + 1,
    issue: `The log ends at entry ${sequence}; the anchored entry ${anchor.sequence} is missing.`,
  };
}
