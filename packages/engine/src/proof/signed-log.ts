import { createSignatureCheck, type LedgerSigner, type SignatureCheck } from '../crypto/ledger-signer.ts';
import { type AuditEntry, type AuditHead, createChainCheck } from './audit-chain.ts';

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
