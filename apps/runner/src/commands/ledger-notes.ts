import type { CutOffImport, Ledger } from '@expunge/engine';
import { shellQuote } from '@expunge/report/words';
import { printable } from '../output/printable.ts';
import { countWords, plural } from '../output/table.ts';

/** What of a ledger does not show in the states of its deletions. */
export interface LedgerNotes {
  /** Imports without an end: some people of a list are not in the ledger. */
  readonly cutOffImports: readonly CutOffImport[];
  /** What is set aside because its encrypted page does not open. */
  readonly setAside: { readonly tasks: number; readonly requests: readonly string[] };
}

const shownRequests = 20;

/** Asks the ledger for its notes. */
export async function readNotes(ledger: Ledger): Promise<LedgerNotes> {
  return { cutOffImports: await ledger.cutOffImports(), setAside: await ledger.setAside(shownRequests) };
}

/** What is said of imports without an end, one sentence or two for each. */
export function cutOffWords(imports: readonly CutOffImport[]): string[] {
  return imports.map(
    ({ importId, startedAt, lastAt, requests }) =>
      `import ${importId} of ${startedAt} was cut off: ${requests === 1 ? '1 request' : `${countWords(requests)} requests`} came in, the last at ${lastAt}. ` +
      `Run the same command with the same list again: nothing is done twice. If it still runs, wait for its end; if the rest is not to come, "expunge ledger close-import ${shellQuote(String(importId))}"`,
  );
}

/** What is said of deletions that are set aside; nothing where there are none. */
export function setAsideWords({ tasks, requests }: LedgerNotes['setAside']): string[] {
  if (tasks === 0) return [];
  return [
    `${plural(tasks, 'deletion')} set aside, because an encrypted page of the ledger does not open: ${listRequests(requests)}. Nothing is sent for ${tasks === 1 ? 'it' : 'them'}; "expunge audit verify" says which pages. Restore the last backup, then "expunge resume --resend"`,
  ];
}

/** Requests by their ids, as many as are shown. */
export function listRequests(requests: readonly string[]): string {
  const names = requests.map(printable).join(', ');
  return requests.length < shownRequests ? names : `${names}, ...`;
}
