import { z } from 'zod';
import { createSignatureCheck } from '../crypto/ledger-signer.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { type AuditHead, createSignedLogCheck, emptyHead, type SignedLogResult } from './audit-chain.ts';

/** The word with which the first line of an exported log says what it is. */
export const exportFormat = 'expunge-audit/v1';

const headerSchema = z.strictObject({
  format: z.literal(exportFormat),
  exportedAt: z.string(),
  /** The ledger's public key, base64 of its SPKI form. */
  publicKey: z.string(),
  /** The first entry that a signature must cover by itself. */
  signedFrom: z.number().int().positive(),
  /** The last entry in the file. */
  head: z.strictObject({ sequence: z.number().int().nonnegative(), hash: z.string() }),
  /** Ed25519 over the other fields, base64: so that no line can be left out at the end. */
  signature: z.string(),
});

const entrySchema = z.strictObject({
  sequence: z.number().int(),
  at: z.number().int(),
  text: z.string(),
  hash: z.string(),
  signature: z.string().optional(),
});

type Header = z.infer<typeof headerSchema>;

/**
 * Writes the audit log as JSON Lines: a header, and one entry a line. It holds no personal data, and whoever has the ledger's public key can
 * check it without the ledger.
 */
export async function* exportLog(ledger: Ledger, now: number): AsyncGenerator<string> {
  // What comes in meanwhile is for the next time.
  const head = await ledger.auditHead();
  const unsigned = {
    format: exportFormat,
    exportedAt: new Date(now).toISOString(),
    ...ledger.signing(),
    head,
  } as const;
  yield toLine({ ...unsigned, signature: ledger.sign(headerText(unsigned)).signature });
  if (head.sequence === 0) return;
  for await (const { sequence, at, text, hash, signature } of ledger.auditEntries()) {
    yield toLine({ sequence, at, text, hash, signature });
    if (sequence >= head.sequence) return;
  }
}

/** What checking an exported log came to. */
export type ExportedLogResult = SignedLogResult & {
  /** The key that it says it is signed with; undefined where it has no header. */
  readonly publicKey: string | undefined;
};

/**
 * Checks an exported log, offline: its header, the chain of hashes, each signature, and that it is whole.
 *
 * @param lines - Its lines, in order.
 * @param options - `publicKey`: the ledger's key as known from elsewhere. Without it, compare `publicKey` of the result: a forger signs with a
 * key of their own. `anchor`: a head that was kept elsewhere.
 */
export async function checkExportedLog(
  lines: AsyncIterable<string> | Iterable<string>,
  options: { readonly publicKey?: string | undefined; readonly anchor?: AuditHead | undefined } = {},
): Promise<ExportedLogResult> {
  let header: Header | undefined;
  let check: ReturnType<typeof createSignedLogCheck> | undefined;
  let number = 0;
  let last = 0;
  const broken = (sequence: number, issue: string): ExportedLogResult => ({
    isIntact: false,
    sequence,
    issue,
    publicKey: header?.publicKey,
  });
  for await (const line of lines) {
    number += 1;
    if (check === undefined) {
      header = parseLine(headerSchema, line);
      const issue = headerIssue(header, options.publicKey);
      if (header === undefined || issue !== undefined) return broken(1, issue ?? '');
      check = createSignedLogCheck({ ...header, anchor: options.anchor });
      continue;
    }
    const entry = parseLine(entrySchema, line);
    if (entry === undefined) return broken(last + 1, `Line ${number} is no entry of an audit log.`);
    const result = check.take(entry);
    if (result !== undefined) return { ...result, publicKey: header?.publicKey };
    last = entry.sequence;
  }
  if (check === undefined || header === undefined) return broken(1, 'The file is empty.');
  const result = check.end();
  const head = result.isIntact ? result.head : undefined;
  if (head !== undefined && (head.sequence !== header.head.sequence || head.hash !== wholeHead(header).hash)) {
    return broken(
      last + 1,
      `The file ends at entry ${last}; entry ${header.head.sequence} was the last one when it was written.`,
    );
  }
  return { ...result, publicKey: header.publicKey };
}

function wholeHead({ head }: Header): AuditHead {
  return head.sequence === 0 ? emptyHead : head;
}

function headerIssue(header: Header | undefined, publicKey: string | undefined): string | undefined {
  if (header === undefined) return 'The file does not begin with the header of an exported audit log.';
  if (publicKey !== undefined && publicKey.trim() !== header.publicKey) {
    return 'It is of a ledger with another key than the one given.';
  }
  const { signature, ...unsigned } = header;
  if (createSignatureCheck(header.publicKey)(headerText(unsigned), signature)) return undefined;
  return 'The signature of the header does not fit: something in it was changed.';
}

function headerText({ format, exportedAt, publicKey, signedFrom, head }: Omit<Header, 'signature'>): string {
  return `expunge/audit-export/v1\n${JSON.stringify([format, exportedAt, publicKey, signedFrom, head.sequence, head.hash])}`;
}

function toLine(value: object): string {
  return `${JSON.stringify(value)}\n`;
}

function parseLine<Schema extends z.ZodType>(schema: Schema, line: string): z.output<Schema> | undefined {
  try {
    const result = schema.safeParse(JSON.parse(line));
    return result.success ? result.data : undefined;
  } catch {
    return undefined;
  }
}
