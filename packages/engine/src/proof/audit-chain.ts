import { hash } from 'node:crypto';
import { createSignatureCheck, type LedgerSigner, type SignatureCheck } from '../crypto/ledger-signer.ts';

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
function createChainCheck(anchor?: AuditHead): ChainCheck {
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

/**
 * The type of the entry with which a ledger records that it found entries without a signature: somebody wrote to the log without
 * the key. No log that has one is intact.
 */
export const foundUnsigned = 'unsigned-entries-found';

/** The text that a signature of the log is made of. No certificate begins like that. */
function headText({ sequence, hash }: AuditHead): string {
  return `expunge/audit-head/v1\n${sequence}\n${hash}`;
}

/** Signs the log up to an entry. Base64. */
export function signHead(signer: LedgerSigner, head: AuditHead): string {
  return signer.sign(headText(head));
}

/** Whether a signature is one of the log up to an entry. */
export function isHeadSigned(isSigned: SignatureCheck, head: AuditHead, signature: string | undefined): boolean {
  return signature !== undefined && isSigned(headText(head), signature);
}

/** With what a log is checked. */
export interface SignedLogOptions {
  /** The ledger's public key, base64 of its SPKI form. */
  readonly publicKey: string;
  /** The first entry that a signature must cover by itself: a ledger tells it, and so does the header of an exported log. */
  readonly signedFrom: number;
  /** A head that was kept elsewhere: the log must still contain it. */
  readonly anchor?: AuditHead | undefined;
  /**
   * `last`: of the signatures only the last one is checked. It covers everything before it, and a ledger that finds entries
   * without a signature says so under the next one. Default: `every`.
   */
  readonly signatures?: 'every' | 'last' | undefined;
}

/** What checking a signed log came to. */
export type SignedLogResult =
  | {
      readonly isIntact: true;
      readonly entries: number;
      readonly head: AuditHead;
      /** Signatures that were checked. */
      readonly signatures: number;
      /** Entries that an older version wrote, which did not sign: the first signature covers them together. */
      readonly olderEntries: number;
    }
  | { readonly isIntact: false; readonly sequence: number; readonly issue: string };

/** Checks a signed log entry by entry. */
export interface SignedLogCheck {
  /** Takes the next entry; gives the result where it breaks the log. */
  take(entry: AuditEntry): SignedLogResult | undefined;
  /** The result at the end of the log. */
  end(): SignedLogResult;
}

/** Begins to check a log: its chain of hashes, each signature, and that no entry is left without one. */
export function createSignedLogCheck(options: SignedLogOptions): SignedLogCheck {
  const { publicKey, signedFrom, anchor } = options;
  const chain = createChainCheck(anchor);
  const isSigned = createSignatureCheck(publicKey);
  let signatures = 0;
  let lastSigned: AuditEntry | undefined;
  let last = 0;
  const broken = (sequence: number, issue: string): SignedLogResult => ({ isIntact: false, sequence, issue });
  const unfitting = (sequence: number) =>
    broken(sequence, `The signature of entry ${sequence} does not fit: the log was written without the ledger's key.`);
  return {
    take(entry) {
      const unchained = chain.take(entry);
      if (unchained !== undefined && !unchained.isIntact) return unchained;
      const { sequence, signature } = entry;
      last = sequence;
      if (signature !== undefined) {
        if (options.signatures !== 'last' && !isHeadSigned(isSigned, entry, signature)) return unfitting(sequence);
        signatures += 1;
        lastSigned = entry;
      } else if (sequence === signedFrom && signedFrom > 1) {
        return broken(sequence, `Entry ${sequence} has lost its signature, which covers all entries before it.`);
      }
      if (typeOf(entry) === foundUnsigned) {
        return broken(
          sequence,
          `Before entry ${sequence} the log was written without its key: the ledger found entries that were not signed.`,
        );
      }
      return undefined;
    },
    end() {
      const result = chain.end();
      if (!result.isIntact) return result;
      const signedTo = lastSigned?.sequence ?? 0;
      if (last > signedTo) {
        const first = Math.max(signedTo + 1, Math.min(signedFrom, last));
        const which = first === last ? `Entry ${first} is` : `Entries ${first} to ${last} are`;
        return broken(first, `${which} not signed: written without the ledger's key, or robbed of a signature.`);
      }
      if (signedFrom > 1 && last < signedFrom) {
        return broken(
          last + 1,
          `The log ends at entry ${last}; entry ${signedFrom} was the first with a signature and is missing.`,
        );
      }
      if (lastSigned !== undefined && !isHeadSigned(isSigned, lastSigned, lastSigned.signature))
        return unfitting(signedTo);
      return { ...result, signatures, olderEntries: signedFrom > 1 ? signedFrom : 0 };
    },
  };
}

/** Checks a signed log, as it is read. */
export async function checkSignedLog(
  entries: AsyncIterable<AuditEntry> | Iterable<AuditEntry>,
  options: SignedLogOptions,
): Promise<SignedLogResult> {
  const check = createSignedLogCheck(options);
  for await (const entry of entries) {
    const broken = check.take(entry);
    if (broken !== undefined) return broken;
  }
  return check.end();
}

// A cheap look first: nearly all entries are moves.
function typeOf({ text }: AuditEntry): string | undefined {
  if (!text.includes(foundUnsigned)) return undefined;
  try {
    const entry: { readonly type?: unknown } | null = JSON.parse(text);
    return typeof entry?.type === 'string' ? entry.type : undefined;
  } catch {
    return undefined;
  }
}
